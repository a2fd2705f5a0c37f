package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.SERVER_FAILED;

import dev.durable.embedded.EmbeddedPostgresException.Reason;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a program to its end. Its input and output are files, never pipes: a daemon that it leaves
 * behind must not hold anything of this JVM open.
 */
final class Command {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final File NOTHING = new File(windows() ? "NUL" : "/dev/null");

  /** What a program said, and how it ended. */
  record Result(int exitCode, String output) {
    boolean succeeded() {
      return exitCode == 0;
    }
  }

  private Command() {}

  static boolean windows() {
    return System.getProperty("os.name", "").startsWith("Windows");
  }

  static Result run(List<String> command) {
    try {
      Path output = Files.createTempFile("durable-pg", ".out");
      try {
        return run(command, output);
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          Reason.SERVER_FAILED, "Cannot run " + command.get(0) + ": " + e.getMessage(), e);
    }
  }

  private static Result run(List<String> command, Path output) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(NOTHING)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    int exitCode = await(process, command);
    return new Result(exitCode, Files.readString(output, StandardCharsets.ISO_8859_1).strip());
  }

  private static int await(Process process, List<String> command) {
    try {
      if (process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        return process.exitValue();
      }
      process.destroyForcibly();
      throw new EmbeddedPostgresException(
          SERVER_FAILED, command.get(0) + " did not end within " + LIMIT.toSeconds() + " s");
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new EmbeddedPostgresException(
          SERVER_FAILED, "Interrupted while running " + command.get(0), e);
    }
  }
}
