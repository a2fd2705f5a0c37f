package dev.durable.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The command, with no DURABLE_ variables but those set here. */
public final class Cli {

  private final Path folder;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private String input = "";

  public Cli(Path folder) {
    this.folder = folder;
  }

  /** The exit code and the output of a command. */
  public record Result(int exitCode, String out, String err) {}

  /** Sets an environment variable. */
  public Cli with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** Sets the text on standard input. */
  public Cli input(String text) {
    input = text;
    return this;
  }

  /** Runs a command line in a process of its own, to its end. */
  public Result run(String... arguments) {
    try {
      Path out = Files.createTempFile(folder, "out", null);
      Path err = Files.createTempFile(folder, "err", null);
      Path in = Files.writeString(Files.createTempFile(folder, "in", null), input);
      ProcessBuilder builder =
          new ProcessBuilder(commandLine(arguments))
              .directory(folder.toFile())
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().keySet().removeIf(name -> name.startsWith("DURABLE_"));
      builder.environment().putAll(environment);
      int exitCode = builder.start().waitFor();
      return new Result(exitCode, Files.readString(out), Files.readString(err));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  /**
   * Runs a command line in this JVM: all of it but {@link Main}, much sooner. The variables become
   * options. What other threads print is not of the command.
   */
  public Result call(String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    environment.forEach((variable, value) -> line.add(option(variable) + "=" + value));
    InputStream in = System.in;
    OwnThreadsOutput out = new OwnThreadsOutput(System.out, System::setOut);
    OwnThreadsOutput err = new OwnThreadsOutput(System.err, System::setErr);
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      int exitCode = DurableCommand.run(line.toArray(String[]::new));
      return new Result(exitCode, out.text(), err.text());
    } finally {
      System.setIn(in);
      err.putBack();
      out.putBack();
    }
  }

  /** {@code --url} for {@code DURABLE_URL}. */
  private static String option(String variable) {
    return "--" + variable.substring("DURABLE_".length()).toLowerCase(Locale.ROOT);
  }

  private static List<String> commandLine(String... arguments) {
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dfile.encoding=" + StandardCharsets.UTF_8,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    line.addAll(List.of(arguments));
    return line;
  }
}
