package dev.durable.benchmarks.process;

import dev.durable.benchmarks.driver.Drivers;
import dev.durable.benchmarks.driver.QueueDriver;
import dev.durable.benchmarks.driver.QueueDriver.StepListener;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.driver.Workload;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A worker of a queue in a JVM of its own. Obeys the lines {@code open}, {@code close} and {@code
 * count} on its standard input, and ends with it.
 */
public final class QueueWorker implements StepListener {

  /** Begins every answer, since an engine may print to standard output as well. */
  static final String ANSWER = "@ ";

  private final Job job;
  private final @Nullable StepLog log;
  private final AtomicLong steps = new AtomicLong();
  private final AtomicLong first = new AtomicLong();
  private @Nullable AutoCloseable session;

  private QueueWorker(Job job) throws IOException {
    this.job = job;
    this.log = job.log() == null ? null : new StepLog(job.log());
  }

  /**
   * The first line on standard input.
   *
   * @param driver the driver's name
   * @param target the database
   * @param workload the work of the executions
   * @param log a file for a line per step, or null
   */
  public record Job(String driver, Target target, Workload workload, @Nullable String log) {}

  /**
   * What a worker has done.
   *
   * @param steps the number of steps that began since it opened
   * @param firstNanos when the first of them began, by the clock that all processes share
   * @param compileMillis the time that the JVM's compilers have worked since it started
   */
  public record Count(long steps, long firstNanos, long compileMillis) {}

  /** The worker's own main. */
  public static void main(String[] args) throws Exception {
    run(System.in, System.out);
    System.exit(0); // An engine may leave threads behind.
  }

  private static void run(InputStream in, PrintStream out) throws Exception {
    // Standard output is not read between two answers: an engine that logs there would fill the
    // pipe.
    System.setOut(System.err);
    Logger.getLogger("").setLevel(Level.WARNING);
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    QueueWorker worker =
        new QueueWorker(Jvm.JSON.readValue(Objects.requireNonNull(lines.readLine()), Job.class));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      worker.obey(line);
      out.println(ANSWER + Jvm.JSON.writeValueAsString(worker.count()));
      out.flush();
    }
  }

  private void obey(String line) throws Exception {
    switch (line) {
      case "open" -> {
        steps.set(0);
        first.set(0);
        session =
            ((QueueDriver) Drivers.named(job.driver())).work(job.target(), job.workload(), this);
      }
      case "close" -> {
        Objects.requireNonNull(session, "not open").close();
        session = null;
      }
      case "count" -> {}
      default -> throw new IllegalArgumentException("'" + line + "' is not understood");
    }
  }

  private Count count() {
    return new Count(
        steps.get(),
        first.get(),
        ManagementFactory.getCompilationMXBean().getTotalCompilationTime());
  }

  @Override
  public void begins(int order, int step) {
    if (steps.getAndIncrement() == 0) {
      first.set(System.nanoTime());
    }
    if (log != null) {
      log.begins(order, step);
    }
  }
}
