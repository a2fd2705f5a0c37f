package dev.durable;

import dev.durable.internal.form.Form;
import dev.durable.internal.settings.Settings;
import dev.durable.queue.QueueOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How this process works: its worker, once that is started. A form: it can be changed until the
 * lambda that receives it has returned. Not thread-safe.
 */
public final class WorkerOptions {

  private final Form form = new Form();
  private final Settings settings;
  private final Map<String, QueueOptions> queues;

  private WorkerOptions(Settings settings, Map<String, QueueOptions> queues) {
    this.settings = settings;
    this.queues = queues;
  }

  /** Lets the lambda change settings. */
  static void change(
      Settings settings, Map<String, QueueOptions> queues, Consumer<? super WorkerOptions> with) {
    WorkerOptions options = new WorkerOptions(settings, queues);
    options.form.filledIn(options, with);
  }

  /** The worker's name, for people. Default: host name and process id. */
  public WorkerOptions name(String workerName) {
    form.requireOpen();
    settings.workerName = Objects.requireNonNull(workerName, "workerName");
    return this;
  }

  /**
   * How this worker works on a queue: {@code queue("orders", q -> q.concurrency(20))}.
   *
   * @throws IllegalArgumentException if the name is blank, longer than 500 characters, or has a NUL
   *     character
   */
  public WorkerOptions queue(String name, Consumer<? super QueueOptions> with) {
    form.requireOpen();
    String queue = StartOptions.requireText(name, "queue");
    queues.put(queue, QueueOptions.of(with));
    return this;
  }

  /**
   * After how long without a heartbeat a worker counts as dead, so that others take its executions
   * over. Default 10 s. All workers of a schema should agree.
   *
   * @throws IllegalArgumentException if not positive
   */
  public WorkerOptions lease(Duration duration) {
    form.requireOpen();
    settings.lease = positive(duration, "lease");
    return this;
  }

  /**
   * How often a worker renews its lease. Default 2 s; at most a third of the lease, which the
   * builder checks.
   *
   * @throws IllegalArgumentException if not positive
   */
  public WorkerOptions heartbeat(Duration interval) {
    form.requireOpen();
    settings.heartbeat = positive(interval, "heartbeat");
    return this;
  }

  /**
   * The longest pause between two looks for due work, which an idle worker backs off to. Default 5
   * s, or 1 s when {@link #notifications} are off. Work that this worker starts, hints, and due
   * times that it knows do not wait for it.
   *
   * @throws IllegalArgumentException if not positive
   */
  public WorkerOptions pollInterval(Duration longest) {
    form.requireOpen();
    settings.pollInterval = positive(longest, "pollInterval");
    return this;
  }

  /**
   * Whether workers tell each other about new work by {@code LISTEN/NOTIFY}, which takes one
   * connection. Default true. Off: everything works by polling, as it must behind a pooler in
   * transaction mode.
   */
  public WorkerOptions notifications(boolean on) {
    form.requireOpen();
    settings.notifications = on;
    return this;
  }

  /**
   * How often an execution may lose its owner before it is parked as poison. Default 5.
   *
   * @throws IllegalArgumentException if negative
   */
  public WorkerOptions maxRecoveries(int times) {
    form.requireOpen();
    if (times < 0) {
      throw new IllegalArgumentException("maxRecoveries must not be negative: " + times);
    }
    settings.maxRecoveries = times;
    return this;
  }

  /** How long a close lets running bodies finish. Default 10 s; zero interrupts them at once. */
  public WorkerOptions drainTime(Duration grace) {
    form.requireOpen();
    Objects.requireNonNull(grace, "drainTime");
    if (grace.isNegative()) {
      throw new IllegalArgumentException("drainTime must not be negative: " + grace);
    }
    settings.drainTime = grace;
    return this;
  }

  /**
   * How long a body may run before it is shown as running in the history, which costs one more
   * write. Default 1 s.
   *
   * @throws IllegalArgumentException if not positive
   */
  public WorkerOptions showRunningAfter(Duration time) {
    form.requireOpen();
    settings.showRunningAfter = positive(time, "showRunningAfter");
    return this;
  }

  private static Duration positive(Duration duration, String what) {
    Objects.requireNonNull(duration, what);
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(what + " must be positive: " + duration);
    }
    return duration;
  }
}
