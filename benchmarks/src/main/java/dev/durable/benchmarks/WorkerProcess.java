package dev.durable.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** A {@link Worker} as the JVM sees it that started it. */
final class WorkerProcess implements AutoCloseable {

  private final Process process;
  private final BufferedWriter in;
  private final BufferedReader out;

  WorkerProcess(Worker.Job job) throws IOException {
    // As light as the JVM that starts it.
    List<String> flags = new ArrayList<>(Child.LIGHT);
    flags.retainAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    ProcessBuilder builder = new ProcessBuilder(Child.command(flags, "--worker"));
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    this.process = builder.start();
    this.in = process.outputWriter();
    this.out = process.inputReader();
    send(Child.JSON.writeValueAsString(job));
  }

  /** Tells all the same, at once; returns when all have done it. */
  static List<Worker.Count> tell(List<WorkerProcess> workers, String what) throws IOException {
    for (WorkerProcess worker : workers) {
      worker.send(what);
    }
    List<Worker.Count> counts = new ArrayList<>();
    for (WorkerProcess worker : workers) {
      counts.add(worker.answer());
    }
    return counts;
  }

  private void send(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
  }

  private Worker.Count answer() throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(Worker.ANSWER)) {
        return Child.JSON.readValue(line.substring(Worker.ANSWER.length()), Worker.Count.class);
      }
    }
    throw new IOException("The worker's JVM " + process.pid() + " ended before it answered");
  }

  /** {@code kill -9}; returns when it is dead. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
