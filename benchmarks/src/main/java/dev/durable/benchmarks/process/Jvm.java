package dev.durable.benchmarks.process;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** Further JVMs like this one: their command line, and the JSON that the JVMs exchange. */
public final class Jvm {

  /** Reads and writes the messages between the JVMs. */
  public static final JsonMapper JSON = JsonMapper.builder().build();

  /** Flags that save most in a JVM with next to nothing to do. */
  public static final List<String> LIGHT = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private Jvm() {}

  /** This JVM's command with another main class. */
  public static List<String> command(List<String> flags, Class<?> main) {
    String java = ProcessHandle.current().info().command().orElse("java");
    List<String> command = new ArrayList<>(List.of(java, "-Xmx1g"));
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return command;
  }
}
