package dev.durable.internal.service;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named platform thread of the engine. All failures of its work, errors of the JVM included, are
 * logged, and the work continues after a pause that grows: a claim that ran out of memory must not
 * end all claims. The watchdog checks its {@link Pulse}.
 */
public final class ServiceThread {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceThread.class);

  private final Pulse pulse;
  private final Round round;
  private final Runnable last;
  private final Consumer<Pulse> ended;
  private final FailureStreak failures;
  private final CountDownLatch stop = new CountDownLatch(1);
  private @Nullable Thread thread;
  private boolean failed;

  /** One turn of the loop. */
  @FunctionalInterface
  public interface Round {
    /**
     * Waits for work, does it, and returns. While it waits it {@link ServiceThread#rest rests}; it
     * {@link ServiceThread#beat beats} when the work begins, and whenever long work makes progress.
     *
     * @return whether there is another round
     * @throws Exception of any kind: it is logged, and the next round comes after a pause
     */
    boolean run(ServiceThread self) throws Exception;
  }

  ServiceThread(Pulse pulse, Round round, Runnable last, Consumer<Pulse> ended) {
    this.pulse = pulse;
    this.round = round;
    this.last = last;
    this.ended = ended;
    this.failures = new FailureStreak(LOG, pulse.name());
  }

  Pulse pulse() {
    return pulse;
  }

  void start() {
    Thread starting = Threads.daemon(pulse.name(), this::run);
    thread = starting;
    starting.start();
  }

  /** This thread is at work, and has made progress since the last beat. */
  public void beat() {
    pulse.beat();
  }

  /** The work of this thread fails, although its round continues. */
  public void fails(Throwable failure) {
    failed = true;
    pulse.fails(failure);
  }

  /** The work of this thread succeeds. */
  public void works() {
    failed = false;
    pulse.works();
  }

  /** The last failure; null if this thread works. */
  public @Nullable Throwable failure() {
    return pulse.failure();
  }

  /** This thread waits for work; that may take any time. */
  public void rest() {
    pulse.rest();
  }

  /** Whether the thread has been asked to end. */
  public boolean isStopped() {
    return stop.getCount() == 0;
  }

  /**
   * Rests for a while, through interrupts; for the thread itself.
   *
   * @return false if the thread has been asked to end
   */
  public boolean pause(long nanos) {
    pulse.rest();
    try {
      // Only stop() ends a service; another interrupt was meant for another thread.
      return !Uninterrupted.await(stop, nanos);
    } finally {
      pulse.beat();
    }
  }

  /** Asks the thread to end after its round; wakes it from a {@link #pause}. */
  public void stop() {
    stop.countDown();
  }

  /** Interrupts the thread; for rounds that block outside of {@link #pause}. */
  public void interrupt() {
    Thread started = thread;
    if (started != null) {
      started.interrupt();
    }
  }

  /**
   * Waits until the thread has ended, through interrupts of the calling thread, whose flag is set
   * again afterwards.
   *
   * @return whether it has ended
   */
  public boolean join(Duration longest) {
    Thread started = thread;
    if (started == null || started == Thread.currentThread()) {
      return started == null;
    }
    return Uninterrupted.join(started, longest);
  }

  private void run() {
    pulse.adopt();
    while (!isStopped() && goesOn()) {
      // Another round.
    }
    try {
      last.run();
    } catch (Throwable failure) {
      failures.failedToCleanUp(failure);
    } finally {
      pulse.end();
      ended.accept(pulse);
    }
  }

  private boolean goesOn() {
    try {
      return oneRound();
    } catch (Throwable again) {
      // Without memory even for a log line: the round after the pause may have it.
      pause(failures.nextPause());
      return true;
    }
  }

  private boolean oneRound() {
    failed = false;
    try {
      pulse.beat();
      boolean more = round.run(this);
      if (!failed) {
        pulse.works();
      }
      failures.end();
      return more;
    } catch (Throwable failure) {
      if (!isStopped()) {
        pulse.fails(failure);
        failures.failed(failure);
        pause(failures.nextPause());
      }
      return true;
    }
  }
}
