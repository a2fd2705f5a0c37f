package dev.durable.internal.service;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Timers on one named thread, whose {@link Pulse} the watchdog checks. */
public final class Timers extends ScheduledThreadPoolExecutor {

  private static final Logger LOG = LoggerFactory.getLogger(Timers.class);

  private final Services services;
  private final Pulse pulse;

  Timers(Services services, Pulse pulse) {
    super(1, work -> Threads.daemon(pulse.name(), work));
    this.services = services;
    this.pulse = pulse;
    setRemoveOnCancelPolicy(true);
  }

  /**
   * Repeats a task after each pause, until the future is cancelled. A timer of the JDK ends at the
   * first exception; this does not.
   */
  public Future<?> repeat(Runnable task, Duration pause) {
    return scheduleWithFixedDelay(
        () -> {
          try {
            task.run();
          } catch (Throwable failure) {
            LOG.error("A timer of the engine failed; it continues", failure);
          }
        },
        pause.toNanos(),
        pause.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  @Override
  protected void beforeExecute(Thread thread, Runnable task) {
    pulse.adopt();
    pulse.beat();
  }

  @Override
  protected void afterExecute(Runnable task, @Nullable Throwable failure) {
    pulse.rest();
  }

  @Override
  protected void terminated() {
    services.forget(pulse);
  }
}
