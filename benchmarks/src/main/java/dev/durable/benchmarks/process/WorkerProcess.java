package dev.durable.benchmarks.process;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Starts and commands a {@link QueueWorker} in another JVM. */
public final class WorkerProcess implements AutoCloseable {

  private final Process process;
  private final BufferedWriter in;
  private final BufferedReader out;

  public WorkerProcess(QueueWorker.Job job) throws IOException {
    // As light as the JVM that starts it.
    List<String> flags = new ArrayList<>(Jvm.LIGHT);
    flags.retainAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    ProcessBuilder builder = new ProcessBuilder(Jvm.command(flags, QueueWorker.class));
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    this.process = builder.start();
    this.in = process.outputWriter();
    this.out = process.inputReader();
    send(Jvm.JSON.writeValueAsString(job));
  }

  /** Sends the same command to all, at once; returns when all have obeyed. */
  public static List<QueueWorker.Count> tell(List<WorkerProcess> workers, String what)
      throws IOException {
    for (WorkerProcess worker : workers) {
      worker.send(what);
    }
    List<QueueWorker.Count> counts = new ArrayList<>();
    for (WorkerProcess worker : workers) {
      counts.add(worker.answer());
    }
    return counts;
  }

  private void send(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
  }

  private QueueWorker.Count answer() throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(QueueWorker.ANSWER)) {
        return Jvm.JSON.readValue(
            line.substring(QueueWorker.ANSWER.length()), QueueWorker.Count.class);
      }
    }
    throw new IOException("The worker's JVM " + process.pid() + " ended before it answered");
  }

  /** {@code kill -9}; returns when it is dead. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
