package dev.durable.internal.service;

import dev.durable.internal.service.Pulse.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The threads of one instance, by name. */
public final class Services {

  private final String prefix;
  private final Duration limit;
  private final Set<Pulse> pulses = ConcurrentHashMap.newKeySet();

  /**
   * @param prefix the beginning of all thread names
   * @param limit the longest time for one piece of work; after it, its thread counts as standing
   *     still
   */
  public Services(String prefix, Duration limit) {
    this.prefix = prefix;
    this.limit = limit;
  }

  /**
   * Starts a thread that repeats its round until that returns false, or the thread is stopped.
   *
   * @param name its work: {@code claimer}
   * @throws OutOfMemoryError if the system has no more threads; nothing has been started then
   */
  public ServiceThread start(String name, ServiceThread.Round round) {
    return start(name, round, () -> {});
  }

  /**
   * The same, with a last task on the thread when it ends: giving back a connection.
   *
   * @param last runs once, after the last round
   */
  public ServiceThread start(String name, ServiceThread.Round round, Runnable last) {
    ServiceThread service = new ServiceThread(pulse(name), round, last, this::forget);
    try {
      service.start();
      return service;
    } catch (Throwable none) {
      forget(service.pulse());
      throw none;
    }
  }

  /** Starts timers; their tasks must not block. */
  public Timers timers(String name) {
    return new Timers(this, pulse(name));
  }

  /** The full name of a thread of this instance. */
  public String name(String work) {
    return prefix + "-" + work;
  }

  Pulse pulse(String name) {
    Pulse pulse = new Pulse(name(name));
    pulses.add(pulse);
    return pulse;
  }

  /** Forgets a pulse whose thread has ended as planned. */
  void forget(Pulse pulse) {
    pulses.remove(pulse);
  }

  /** The reasons that have kept threads from their work for that long. */
  public List<String> hindrances(Duration longest) {
    List<String> hindrances = new ArrayList<>();
    for (Pulse pulse : pulses) {
      String hindrance = pulse.hindrance(longest);
      if (hindrance != null) {
        hindrances.add(hindrance);
      }
    }
    return hindrances;
  }

  /** The threads that have ended or stand still. */
  public List<Trouble> troubles() {
    List<Trouble> troubles = new ArrayList<>();
    for (Pulse pulse : pulses) {
      Trouble trouble = pulse.trouble(limit);
      if (trouble != null) {
        troubles.add(trouble);
      }
    }
    return troubles;
  }
}
