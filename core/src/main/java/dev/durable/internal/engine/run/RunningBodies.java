package dev.durable.internal.engine.run;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** The attempts of one run whose bodies are running, and the number of bodies that still may. */
public final class RunningBodies {

  private static final int MOST = 100;

  private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();

  /** One execution must not take all the threads and memory of its worker. */
  private final Semaphore turns = new Semaphore(MOST);

  // ---- turns ----

  /** Takes a turn if one is free. */
  public boolean tryTakeTurn() {
    return turns.tryAcquire();
  }

  /**
   * Waits for a turn. False if the thread was interrupted: an interrupt only wakes it, and the
   * caller looks up whether its work is still needed.
   */
  public boolean takeTurn() {
    try {
      turns.acquire();
      return true;
    } catch (InterruptedException woken) {
      return false;
    }
  }

  /** Takes a turn again that was given back for a while, whatever interrupts. */
  public void retakeTurn() {
    turns.acquireUninterruptibly();
  }

  /** Gives a turn back. */
  public void giveTurnBack() {
    turns.release();
  }

  // ---- attempts ----

  /** Adds an attempt whose body begins. */
  public void begun(Attempt attempt) {
    attempts.add(attempt);
  }

  /** Removes an attempt whose body has returned or thrown, or no longer counts. */
  public void ended(Attempt attempt) {
    attempts.remove(attempt);
  }

  /** The attempts whose bodies are running. */
  public List<Attempt> all() {
    return List.copyOf(attempts);
  }

  /** Whether a thread runs one of the bodies. */
  public boolean areOn(Thread thread) {
    return attempts.stream().anyMatch(running -> running.isOn(thread));
  }

  /** Whether a body has been running for at least so many nanoseconds. */
  public boolean runFor(long nanos) {
    return attempts.stream().anyMatch(running -> running.runsFor(nanos));
  }

  /** Whether a body has been running for at least so many nanoseconds without being shown. */
  public boolean areHiddenFor(long nanos) {
    return attempts.stream().anyMatch(running -> !running.isShown() && running.runsFor(nanos));
  }
}
