package dev.durable.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** The outside world of all runs: the work that bodies did there, and its faults. */
final class Ledger {

  private final Map<String, Expected> expected = new ConcurrentHashMap<>();
  private final Map<Place, List<Worker>> done = new ConcurrentHashMap<>();
  private final Set<Place> remembered = ConcurrentHashMap.newKeySet();
  private final Map<Place, AtomicInteger> tries = new ConcurrentHashMap<>();
  private final Queue<String> offences = new ConcurrentLinkedQueue<>();
  private final AtomicInteger effects = new AtomicInteger();

  /** A place in a run. */
  private record Place(String run, int id) {}

  void expect(String run, Expected what) {
    expected.put(run, what);
  }

  /** The earlier tries of an operation of a run; counts one more. */
  int triesBefore(Value in, int id) {
    return tries
        .computeIfAbsent(new Place(in.runName(), id), place -> new AtomicInteger())
        .getAndIncrement();
  }

  /**
   * An effect is done.
   *
   * @param vain whether the body has been told that it runs in vain
   * @return how many there were before, of all runs
   */
  int does(Worker worker, Value in, Op.Effect effect, boolean vain) {
    Place place = new Place(in.runName(), effect.id());
    List<Worker> before = done.computeIfAbsent(place, none -> new ArrayList<>());
    synchronized (before) {
      if (before.contains(worker)) {
        offence(in, "one worker did " + effect + " twice");
      }
      if (remembered.contains(place) && !vain) {
        offence(in, "did " + effect + " although it is remembered");
      }
      before.add(worker);
    }
    return effects.getAndIncrement();
  }

  /** An effect's result is committed: from now on it is never done again. */
  void remembers(Value in, Op.Effect effect) {
    remembered.add(new Place(in.runName(), effect.id()));
  }

  /** The engine has given a value to a body or an operation. */
  void given(int id, Value value) {
    Value wanted = expected.get(value.runName()).given().get(id);
    if (!value.equals(wanted)) {
      offence(value, id + " was given " + value + " instead of " + wanted);
    }
    if (!value.wasRead()) {
      offence(value, id + " was given a value that no codec has read");
    }
  }

  void offence(Value in, String what) {
    offences.add(in.runName() + ": " + what);
  }

  /** The operations that a run has left out or done too often. */
  void settle(Value input) {
    Expected of = expected.get(input.runName());
    for (int id : of.surely()) {
      if (!done.containsKey(new Place(input.runName(), id))) {
        offence(input, "never did " + id);
      }
    }
    done.keySet().stream()
        .filter(place -> place.run().equals(input.runName()))
        .filter(place -> !of.surely().contains(place.id()) && !of.perhaps().contains(place.id()))
        .forEach(place -> offence(input, "did " + place.id()));
  }

  /** All that was wrong. */
  List<String> offences() {
    return offences.stream().distinct().toList();
  }
}
