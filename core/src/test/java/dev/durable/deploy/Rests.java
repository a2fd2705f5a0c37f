package dev.durable.deploy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** The places where executions are to rest, and the acts of their bodies; outlives every worker. */
final class Rests {

  private final Map<UUID, Set<String>> positions = new ConcurrentHashMap<>();
  private final Map<UUID, List<String>> done = new ConcurrentHashMap<>();

  void at(UUID execution, Set<String> where) {
    positions.put(execution, where);
  }

  boolean isAt(UUID execution, String position) {
    Set<String> known = positions.get(execution);
    while (known == null) {
      // It runs before its starter knows what it is called.
      LockSupport.parkNanos(1_000_000);
      known = positions.get(execution);
    }
    return known.contains(position);
  }

  void did(UUID execution, String what) {
    done.computeIfAbsent(execution, id -> new CopyOnWriteArrayList<>()).add(what);
  }

  List<String> done(UUID execution) {
    return done.getOrDefault(execution, List.of()).stream().sorted().toList();
  }
}
