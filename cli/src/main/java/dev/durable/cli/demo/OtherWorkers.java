package dev.durable.cli.demo;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Further workers that share the orders. Each ends with the pipe to its standard input, so none
 * survives this JVM, however it ends.
 */
final class OtherWorkers implements AutoCloseable {

  private static final int GRACE_SECONDS = 10;

  private final List<Process> processes = new ArrayList<>();

  /** Starts the workers and returns when all are ready. */
  static OtherWorkers start(int count, DemoFolder folder) {
    OtherWorkers workers = new OtherWorkers();
    for (int i = 0; i < count; i++) {
      workers.processes.add(launch(folder));
    }
    workers.processes.forEach(OtherWorkers::awaitReady);
    return workers;
  }

  private static Process launch(DemoFolder folder) {
    try {
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              DemoWorker.class.getName(),
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
      if (!DemoWorker.READY.equals(line)) {
        throw new CommandFailedException(
            ExitCodes.FAILED, "another worker did not start; its own message is above.");
      }
    } catch (IOException ended) {
      throw new UncheckedIOException("Another worker did not start", ended);
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
