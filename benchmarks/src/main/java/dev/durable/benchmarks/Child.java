package dev.durable.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** One run in a JVM of its own: a {@link Task} on standard input, samples on standard output. */
final class Child {

  static final JsonMapper JSON = JsonMapper.builder().build();

  /** What saves most when a JVM does next to nothing. */
  static final List<String> LIGHT = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private Child() {}

  /** The child's own main. */
  static void run(InputStream in, PrintStream out) throws Exception {
    Logger.getLogger("").setLevel(Level.WARNING);
    Task task = JSON.readValue(in.readAllBytes(), Task.class);
    Lab lab = new Lab(Catalog.driver(task.driver()), task.target(), task.observer(), task.sizes());
    List<Sample> samples = Catalog.scenario(task.scenario()).measure(lab);
    out.println(JSON.writeValueAsString(samples));
    out.flush();
  }

  /**
   * Runs a task in a new JVM, with this one's class path.
   *
   * @param flags for the JVM
   */
  static List<Sample> fork(Task task, List<String> flags) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command(flags, "--child"));
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    Process process = builder.start();
    try {
      try (var in = process.getOutputStream()) {
        in.write(JSON.writeValueAsBytes(task));
      }
      byte[] answer = process.getInputStream().readAllBytes();
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException(
            task.driver() + " in " + task.scenario() + ": its JVM ended with " + status);
      }
      String text = new String(answer, StandardCharsets.UTF_8).strip();
      String last = text.substring(text.lastIndexOf('\n') + 1);
      return JSON.readValue(last, new TypeReference<List<Sample>>() {});
    } finally {
      process.destroyForcibly();
    }
  }

  /** This JVM's command with another purpose. */
  static List<String> command(List<String> flags, String purpose) {
    String java = ProcessHandle.current().info().command().orElse("java");
    List<String> command = new ArrayList<>(List.of(java, "-Xmx1g"));
    command.addAll(flags);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Bench.class.getName(), purpose));
    return command;
  }
}
