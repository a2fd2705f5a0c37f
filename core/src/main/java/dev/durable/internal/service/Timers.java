package dev.durable.internal.service;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/** Timers on one named thread, whose {@link Pulse} tells the watchdog that it is there. */
public final class Timers extends ScheduledThreadPoolExecutor {

  private final Services services;
  private final Pulse pulse;

  Timers(Services services, Pulse pulse) {
    super(1, work -> Threads.daemon(pulse.name(), work));
    this.services = services;
    this.pulse = pulse;
    setRemoveOnCancelPolicy(true);
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
