package dev.durable.internal.schedule;

import dev.durable.internal.codec.Payloads;
import dev.durable.internal.service.Threads;
import dev.durable.internal.store.schedule.DueSchedule;
import dev.durable.json.JsonException;
import dev.durable.schedule.Schedule;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes the inputs of ticks whose schedules have a function for them. The function is the user's:
 * it runs on a thread of its own and outside of all transactions, so that it may take its time.
 * Until it has returned, its schedule is left out.
 */
final class TickInputs {

  /** How long inputs are made before those that have been made are given away. */
  private static final Duration STRETCH = Duration.ofSeconds(1);

  /** How long a worker leaves a schedule to others that it cannot serve as it should. */
  private static final Duration REST = Duration.ofSeconds(10);

  private final DeclaredSchedules declared;
  private final Payloads payloads;
  private final Runnable made;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Map<Instant, Made>> inputs = new HashMap<>();
  private final Map<String, Making> making = new HashMap<>();

  /** When this worker looks again at schedules that it has left to others. */
  private final Map<String, Long> left = new HashMap<>();

  private final Duration patience;

  /**
   * @param patience how long a function may take before that is told, and after which time again
   * @param made is called when inputs have been made
   */
  TickInputs(DeclaredSchedules declared, Payloads payloads, Duration patience, Runnable made) {
    this.declared = declared;
    this.payloads = payloads;
    this.patience = patience;
    this.made = made;
  }

  /** The call of a function. */
  private static final class Making {

    private @Nullable Instant tick;
    private long since = System.nanoTime();
    private Duration told = Duration.ZERO;

    void begin(Instant next) {
      tick = next;
      since = System.nanoTime();
      told = Duration.ZERO;
    }

    Duration time() {
      return Duration.ofNanos(System.nanoTime() - since);
    }

    /** The time until it is to be told that it takes long, again and again. */
    Duration untilTold(Duration patience) {
      return told.plus(patience).minus(time());
    }
  }

  /** An input, or what kept it from being made. */
  record Made(@Nullable String json, @Nullable Throwable failure) {}

  /**
   * The schedules to be left out: their input is being made, without those of which {@link #of}
   * would tell, or they are left to others.
   */
  Set<String> busy() {
    return untilTold().keySet();
  }

  /**
   * For each schedule whose input is being made, the time until that takes too long; for each that
   * is left to others, the time until it is looked at again.
   */
  Map<String, Duration> untilTold() {
    lock.lock();
    try {
      Map<String, Duration> times = new HashMap<>();
      making.forEach((schedule, call) -> times.put(schedule, call.untilTold(patience)));
      left.forEach(
          (schedule, again) -> times.put(schedule, Duration.ofNanos(again - System.nanoTime())));
      times.values().removeIf(time -> !time.isPositive());
      left.keySet().retainAll(times.keySet());
      return times;
    } finally {
      lock.unlock();
    }
  }

  /** The schedules whose input is being made. */
  Set<String> making() {
    lock.lock();
    try {
      return Set.copyOf(making.keySet());
    } finally {
      lock.unlock();
    }
  }

  /**
   * The inputs of the first of these ticks, as many as have been made; begins to make the others.
   *
   * @param use what they are for: others are kept beside them
   * @param ticks the oldest first
   * @throws SlowInputException if none has been made and the function has taken too long; once each
   *     time
   */
  List<Made> of(String use, String schedule, List<Instant> ticks) {
    lock.lock();
    try {
      Map<Instant, Made> known = inputs.computeIfAbsent(use, name -> new HashMap<>());
      known.keySet().retainAll(ticks);
      List<Made> first = ticks.stream().takeWhile(known::containsKey).map(known::get).toList();
      List<Instant> missing = ticks.stream().filter(tick -> !known.containsKey(tick)).toList();
      Making call = making.get(schedule);
      if (call == null && !missing.isEmpty()) {
        begin(use, schedule, missing);
      } else if (call != null && first.isEmpty()) {
        tell(call);
      }
      return first;
    } finally {
      lock.unlock();
    }
  }

  private void tell(Making call) {
    Instant tick = call.tick;
    if (tick != null && !call.untilTold(patience).isPositive()) {
      call.told = call.time();
      throw new SlowInputException(tick, call.told);
    }
  }

  private void begin(String use, String schedule, List<Instant> ticks) {
    Making call = new Making();
    making.put(schedule, call);
    try {
      Threads.virtual("input-of-" + schedule, () -> make(use, schedule, ticks, call)).start();
    } catch (Throwable none) {
      making.remove(schedule);
      throw none;
    }
  }

  private void make(String use, String schedule, List<Instant> ticks, Making call) {
    Map<Instant, Made> results = new HashMap<>();
    long until = System.nanoTime() + STRETCH.toNanos();
    try {
      for (Instant tick : ticks) {
        locked(() -> call.begin(tick));
        results.put(tick, make(schedule, tick));
        if (System.nanoTime() - until >= 0) {
          return;
        }
      }
    } finally {
      locked(
          () -> {
            inputs.computeIfAbsent(use, name -> new HashMap<>()).putAll(results);
            making.remove(schedule);
          });
      made.run();
    }
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
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

  /**
   * Checks that the definition that a tick would start can read the stored input: the schedule may
   * have been declared for another version, which other workers have.
   *
   * @throws JsonException if it cannot; then the schedule is left to others for a while
   */
  void requireReadable(String schedule, String json, Workflow<?, ?> started) {
    String what =
        "input of schedule '"
            + schedule
            + "' for version "
            + started.version()
            + " of workflow '"
            + started.name()
            + "'";
    try {
      payloads.requireReadable(what, json, started.input());
    } catch (JsonException unfit) {
      leave(schedule);
      throw unfit;
    }
  }

  /** Leaves a schedule to other workers for a while. */
  void leave(String schedule) {
    locked(() -> left.put(schedule, System.nanoTime() + REST.toNanos()));
  }

  /** Whether this worker makes the inputs of a schedule, for that workflow. */
  boolean areMadeOf(DueSchedule due) {
    return declared.makes(due.name(), due.workflow()) != null;
  }

  /** Forgets the inputs for a use: they are to be made anew. */
  void forget(String use) {
    locked(() -> inputs.remove(use));
  }
}
