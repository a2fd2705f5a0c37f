package dev.durable.cli.demo;

import dev.durable.cli.CommandFailedException;
import dev.durable.cli.ExitCodes;
import dev.durable.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Further processes that share the work. Each ends when the pipe to its standard input does, so
 * none survives this process, however that ends.
 */
final class OtherNodes implements AutoCloseable {

  private static final int GRACE_SECONDS = 10;

  private final List<Process> processes = new ArrayList<>();

  /** Starts them and waits until all are ready. */
  static OtherNodes start(int count, DemoFolder folder) {
    OtherNodes nodes = new OtherNodes();
    for (int i = 0; i < count; i++) {
      nodes.processes.add(launch(folder));
    }
    nodes.processes.forEach(OtherNodes::awaitReady);
    return nodes;
  }

  private static Process launch(DemoFolder folder) {
    try {
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              Main.class.getName(),
              DemoNodeCommand.NAME,
              folder.root().toString())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot start another JVM", failure);
    }
  }

  private static void awaitReady(Process process) {
    try {
      String line = new BufferedReader(process.inputReader(StandardCharsets.UTF_8)).readLine();
      if (!DemoNodeCommand.READY.equals(line)) {
        throw new CommandFailedException(
            ExitCodes.FAILED, "another node did not start; its own message is above.");
      }
    } catch (IOException ended) {
      throw new UncheckedIOException("Another node did not start", ended);
    }
  }

  @Override
  public void close() {
    for (Process process : processes) {
      try {
        process.outputWriter(StandardCharsets.UTF_8).append("stop\n").close();
        if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (IOException alreadyGone) {
        process.destroyForcibly();
      } catch (InterruptedException interrupted) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
