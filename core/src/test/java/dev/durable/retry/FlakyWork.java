package dev.durable.retry;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Work that notes that it has run, and fails as often as it is told to. */
final class FlakyWork {

  private final List<String> ran = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> failures = new ConcurrentHashMap<>();

  /** Lets the work of a name fail so many times. */
  void breaks(String name, int times) {
    failures.put(name, new AtomicInteger(times));
  }

  String does(String name) {
    return does(name, new IllegalStateException("no " + name));
  }

  /**
   * @param failure what it throws if it is to fail
   */
  String does(String name, RuntimeException failure) {
    ran.add(name);
    AtomicInteger left = failures.get(name);
    if (left != null && left.getAndDecrement() > 0) {
      throw failure;
    }
    return name;
  }

  /** The names of what has run, in that order. */
  List<String> ran() {
    return List.copyOf(ran);
  }

  long times(String name) {
    return ran.stream().filter(name::equals).count();
  }
}
