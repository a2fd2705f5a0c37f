package dev.durable.internal.service;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The sign of life of one thread of the engine. A thread beats when it begins a piece of work, and
 * rests before it waits for the next one. After a beat it must beat, rest or end within the limit;
 * otherwise it stands still.
 */
public final class Pulse {

  private static final ThreadLocal<@Nullable Pulse> CURRENT = new ThreadLocal<>();

  /** A healthy pool may let its users wait for long: HikariCP does for 30 seconds. */
  private static final long LONGEST_WAIT_FOR_A_CONNECTION = TimeUnit.MINUTES.toNanos(1);

  private static final int SHOWN_FRAMES = 25;

  private final String name;
  private volatile State state = new State(Doing.RESTING, System.nanoTime());
  private volatile @Nullable Thread thread;
  private volatile @Nullable Failing failing;

  private enum Doing {
    WORKING,
    CONNECTING,
    RESTING,
    ENDED
  }

  private record State(Doing doing, long since) {}

  private record Failing(long since, Throwable failure) {}

  Pulse(String name) {
    this.name = name;
  }

  /** The name of its thread. */
  public String name() {
    return name;
  }

  /** The thread is at work, and has made progress since the last beat. */
  public void beat() {
    state = new State(Doing.WORKING, System.nanoTime());
  }

  /** The thread waits for work; that may take any time. */
  public void rest() {
    state = new State(Doing.RESTING, System.nanoTime());
  }

  /** The thread ends as planned. */
  public void end() {
    state = new State(Doing.ENDED, System.nanoTime());
    CURRENT.remove();
  }

  /** The thread continues, but its work fails. */
  public void fails(Throwable failure) {
    Failing before = failing;
    failing = new Failing(before == null ? System.nanoTime() : before.since, failure);
  }

  /** The work of the thread succeeds. */
  public void works() {
    failing = null;
  }

  /** The last failure; null if the thread works. */
  @Nullable Throwable failure() {
    Failing now = failing;
    return now == null ? null : now.failure;
  }

  /** The reason that has kept the thread from its work for that long; null if there is none. */
  @Nullable String hindrance(Duration limit) {
    Failing now = failing;
    if (now != null && isOver(now.since, limit)) {
      return "thread "
          + name
          + " has failed for "
          + millis(now.since)
          + " ms: "
          + now.failure.getMessage();
    }
    State at = state;
    return at.doing == Doing.CONNECTING && isOver(at.since, limit)
        ? "thread " + name + " has waited for a connection for " + millis(at.since) + " ms"
        : null;
  }

  private static boolean isOver(long since, Duration limit) {
    return System.nanoTime() - since > limit.toNanos();
  }

  private static long millis(long since) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
  }

  boolean hasEnded() {
    return state.doing == Doing.ENDED;
  }

  /** Makes this the pulse of the calling thread. */
  void adopt() {
    thread = Thread.currentThread();
    CURRENT.set(this);
  }

  /**
   * The calling thread asks a pool for a connection, which may take longer than its work. For
   * threads without a pulse this does nothing.
   */
  public static void connecting() {
    becomes(Doing.WORKING, Doing.CONNECTING);
  }

  /** The pool has answered. */
  public static void connected() {
    becomes(Doing.CONNECTING, Doing.WORKING);
  }

  private static void becomes(Doing from, Doing to) {
    Pulse pulse = CURRENT.get();
    if (pulse != null && pulse.state.doing == from) {
      pulse.state = new State(to, System.nanoTime());
    }
  }

  /** The trouble of the thread; null if it has none. */
  @Nullable Trouble trouble(Duration limit) {
    // In this order: a thread that ends in between marks that before it is gone.
    Thread seen = thread;
    boolean gone = seen != null && !seen.isAlive();
    State now = state;
    long still = System.nanoTime() - now.since;
    if (gone && now.doing != Doing.ENDED) {
      return new Trouble(name, "is gone", "");
    }
    boolean stands =
        switch (now.doing) {
          case WORKING -> still > limit.toNanos();
          case CONNECTING -> still > limit.toNanos() + LONGEST_WAIT_FOR_A_CONNECTION;
          case RESTING, ENDED -> false;
        };
    return stands
        ? new Trouble(
            name,
            "has stood still for " + TimeUnit.NANOSECONDS.toMillis(still) + " ms",
            stack(seen))
        : null;
  }

  private static String stack(@Nullable Thread thread) {
    return thread == null
        ? ""
        : Arrays.stream(thread.getStackTrace())
            .limit(SHOWN_FRAMES)
            .map(frame -> "\n\tat " + frame)
            .collect(Collectors.joining());
  }

  /**
   * A thread that has ended or stands still.
   *
   * @param thread its name
   * @param what says which: {@code is gone}, or {@code has stood still for ...}
   * @param stack its stack, one frame a line, each after a line break; empty if unknown
   */
  public record Trouble(String thread, String what, String stack) {

    @Override
    public String toString() {
      return "thread " + thread + " " + what;
    }
  }
}
