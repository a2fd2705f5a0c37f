package dev.durable.internal.schedule;

import dev.durable.internal.codec.Payloads;
import dev.durable.internal.service.Threads;
import dev.durable.schedule.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes the inputs of ticks whose schedules have a function for them. The function is the user's:
 * it runs on a thread of its own and outside of all transactions, so that it may take its time.
 * Until it has returned, its schedule is left out.
 */
final class TickInputs {

  private final DeclaredSchedules declared;
  private final Payloads payloads;
  private final Runnable made;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Map<Instant, Made>> inputs = new HashMap<>();
  private final Map<String, Long> busy = new HashMap<>();

  /**
   * @param made is called when an input has been made
   */
  TickInputs(DeclaredSchedules declared, Payloads payloads, Runnable made) {
    this.declared = declared;
    this.payloads = payloads;
    this.made = made;
  }

  /** An input, or what kept it from being made. */
  record Made(@Nullable String json, @Nullable Throwable failure) {}

  /** The schedules whose input is being made. */
  Set<String> busy() {
    lock.lock();
    try {
      return Set.copyOf(busy.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** The schedules whose input is being made, and for how long, if it is longer than this time. */
  Map<String, Duration> slow(Duration limit) {
    lock.lock();
    try {
      long now = System.nanoTime();
      Map<String, Duration> slow = new TreeMap<>();
      busy.forEach(
          (schedule, since) -> {
            Duration time = Duration.ofNanos(now - since);
            if (time.compareTo(limit) > 0) {
              slow.put(schedule, time);
            }
          });
      return slow;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The inputs of ticks, once they have been made; begins to make them otherwise.
   *
   * @param use what they are for: others are kept beside them
   * @return null as long as one is missing
   */
  @Nullable Map<Instant, Made> of(String use, String schedule, Collection<Instant> ticks) {
    lock.lock();
    try {
      Map<Instant, Made> known = inputs.computeIfAbsent(use, name -> new HashMap<>());
      known.keySet().retainAll(ticks);
      if (known.keySet().containsAll(ticks)) {
        return Map.copyOf(known);
      }
      Set<Instant> missing = new HashSet<>(ticks);
      missing.removeAll(known.keySet());
      if (busy.putIfAbsent(schedule, System.nanoTime()) == null) {
        begin(use, schedule, missing);
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void begin(String use, String schedule, Set<Instant> ticks) {
    try {
      Threads.virtual("input-of-" + schedule, () -> make(use, schedule, ticks)).start();
    } catch (Throwable none) {
      busy.remove(schedule);
      throw none;
    }
  }

  private void make(String use, String schedule, Set<Instant> ticks) {
    Map<Instant, Made> results = new HashMap<>();
    try {
      ticks.forEach(tick -> results.put(tick, make(schedule, tick)));
    } finally {
      lock.lock();
      try {
        inputs.computeIfAbsent(use, name -> new HashMap<>()).putAll(results);
        busy.remove(schedule);
      } finally {
        lock.unlock();
      }
      made.run();
    }
  }

  private Made make(String name, Instant tick) {
    try {
      Schedule<?> schedule = declared.find(name);
      if (schedule == null) {
        throw new IllegalStateException("This worker does not declare schedule '" + name + "'.");
      }
      String what = "input of schedule '" + name + "' for " + tick;
      return new Made(
          payloads.prepare(what, schedule.input(tick), schedule.workflow().input()).json(), null);
    } catch (Throwable failure) {
      return new Made(null, failure);
    }
  }

  /** Forgets the inputs for a use: they are to be made anew. */
  void forget(String use) {
    lock.lock();
    try {
      inputs.remove(use);
    } finally {
      lock.unlock();
    }
  }
}
