package dev.durable.internal.service;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named platform thread of the engine. Whatever its work throws, errors of the JVM included, is
 * logged, and after a pause that grows the work goes on: a claim that ran out of memory must not
 * end all claims. Its {@link Pulse} tells the watchdog that it is there.
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
     * {@link ServiceThread#beat beats} when the work begins, and whenever long work gets on.
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

  /** This thread is at work, and has got on since the last beat. */
  public void beat() {
    pulse.beat();
  }

  /** What this thread does in its round fails, although the round goes on. */
  public void fails(Throwable failure) {
    failed = true;
    pulse.fails(failure);
  }

  /** What this thread does in its round succeeds. */
  public void works() {
    failed = false;
    pulse.works();
  }

  /** What failed last; null if this thread works. */
  public @Nullable Throwable failure() {
    return pulse.failure();
  }

  /** This thread waits for work: it may do so for as long as it likes. */
  public void rest() {
    pulse.rest();
  }

  /** Whether the thread has been asked to end. */
  public boolean isStopped() {
    return stop.getCount() == 0;
  }

  /**
   * Rests for a while, whatever interrupts; for the thread itself.
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
          // Only stop() ends a service; whatever interrupts it else has hit the wrong thread.
        }
      }
    } finally {
      pulse.beat();
    }
  }

  /**
   * Sleeps for that long, on whatever thread, also if it is interrupted meanwhile: what tries again
   * after a pause must not do so at once because an interrupt has hit the wrong thread.
   */
  public static void sleep(long nanos) {
    long until = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = until - System.nanoTime()) {
      try {
        TimeUnit.NANOSECONDS.sleep(left);
      } catch (InterruptedException notOurs) {
        // The rest of the time is slept.
      }
    }
  }

  /** Asks the thread to end after its round; wakes it from a {@link #pause}. */
  public void stop() {
    stop.countDown();
  }

  /** Interrupts what the thread waits in; for rounds that wait in something of their own. */
  public void interrupt() {
    Thread started = thread;
    if (started != null) {
      started.interrupt();
    }
  }

  /**
   * Waits until the thread has ended; also if the calling thread is interrupted, whose flag is set
   * again afterwards.
   *
   * @return whether it has
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
      // Not even memory for a line of log: the round after the pause may have it.
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
        told |= complaints.log("Thread " + pulse.name() + " failed and goes on", failure);
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
