package dev.durable.internal.service;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final Pulse pulse;
  private final Round round;
  private final Runnable last;
  private final Consumer<Pulse> ended;
  private final FailureLog complaints = new FailureLog(LOG);
  private final CountDownLatch stop = new CountDownLatch(1);
  private @Nullable Thread thread;
  private boolean told;
  private boolean failed;
  private long pause = FIRST_PAUSE;

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
    long until = System.nanoTime() + nanos;
    try {
      while (true) {
        try {
          return !stop.await(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException notOurs) {
          // Only stop() ends a service; another interrupt was meant for another thread.
        }
      }
    } finally {
      pulse.beat();
    }
  }

  /**
   * Sleeps for that long on any thread, through interrupts: a retry must keep its pause when an
   * interrupt meant for another thread arrives.
   */
  public static void sleep(long nanos) {
    long until = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = until - System.nanoTime()) {
      try {
        TimeUnit.NANOSECONDS.sleep(left);
      } catch (InterruptedException notOurs) {
        // Sleeps for the rest of the time.
      }
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
    long until = System.nanoTime() + longest.toNanos();
    boolean interrupted = false;
    try {
      while (started.isAlive()) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        try {
          started.join(Duration.ofNanos(left));
        } catch (InterruptedException later) {
          interrupted = true;
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    pulse.adopt();
    while (!isStopped() && goesOn()) {
      // Another round.
    }
    try {
      last.run();
    } catch (Throwable failure) {
      complaints.log("Thread " + pulse.name() + " could not clean up", failure);
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
      pauseAfterFailure();
      return true;
    }
  }

  private boolean oneRound() {
    failed = false;
    try {
      pulse.beat();
      boolean more = round.run(this);
      pause = FIRST_PAUSE;
      if (!failed) {
        pulse.works();
      }
      if (told) {
        told = false;
        LOG.info("Thread {} works again", pulse.name());
      }
      return more;
    } catch (Throwable failure) {
      if (!isStopped()) {
        pulse.fails(failure);
        told |= complaints.log("Thread " + pulse.name() + " failed and continues", failure);
        pauseAfterFailure();
      }
      return true;
    }
  }

  private void pauseAfterFailure() {
    pause(pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }
}
