package dev.durable.internal.service;

import dev.durable.internal.service.Pulse.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The threads that one instance keeps for itself, by name. */
public final class Services {

  private final String prefix;
  private final Duration limit;
  private final Set<Pulse> pulses = ConcurrentHashMap.newKeySet();

  /**
   * @param prefix how the names of all threads begin
   * @param limit how long one piece of work may take before its thread counts as standing still
   */
  public Services(String prefix, Duration limit) {
    this.prefix = prefix;
    this.limit = limit;
  }

  /**
   * Starts a thread that repeats its round until that returns false, or the thread is stopped.
   *
   * @param name what it does: {@code claimer}
   * @throws OutOfMemoryError if the system has no more threads; nothing has been started then
   */
  public ServiceThread start(String name, ServiceThread.Round round) {
    return start(name, round, () -> {});
  }

  /**
   * The same, with something to be done on the thread when it ends: giving back a connection.
   *
   * @param last done once, after the last round
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

  /** Starts timers; their tasks may not wait for anything. */
  public Timers timers(String name) {
    return new Timers(this, pulse(name));
  }

  /** How a thread of this instance is called. */
  public String name(String work) {
    return prefix + "-" + work;
  }

  Pulse pulse(String name) {
    Pulse pulse = new Pulse(name(name));
    pulses.add(pulse);
    return pulse;
  }

  /** Its thread has ended, as it was meant to. */
  void forget(Pulse pulse) {
    pulses.remove(pulse);
  }

  /** What has kept any of the threads from its work for that long. */
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

  /** What is wrong with any of the threads. */
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
