package dev.durable.fault;

import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The platform threads of one engine, told from those of others by their group. */
final class Crew {

  /** Threads that come and go with their work. */
  private static final Set<String> PASSING = Set.of("results", "hint-sender");

  private final String engine;
  private final ThreadGroup group;

  /**
   * @param engine its name, with which it names its threads
   */
  Crew(String engine) {
    this.engine = engine;
    this.group = new ThreadGroup(engine);
  }

  /** Starts a thread whose engines belong to this crew. */
  Thread startCaller(Runnable work) {
    Thread caller = new Thread(group, work, Place.CALLER);
    caller.setDaemon(true);
    caller.start();
    return caller;
  }

  /** A thread's purpose, by its name. */
  String role(Thread thread) {
    String name = thread.getName();
    if (name.startsWith(engine + "-")) {
      return name.substring(engine.length() + 1).replaceFirst("-\\d+$", "");
    }
    return name.startsWith("durable-") ? "run" : name.equals(Place.CALLER) ? Place.CALLER : "other";
  }

  /** The names of all that stay for as long as the engine does, without the engine's. */
  Set<String> members() {
    return living()
        .map(Thread::getName)
        .filter(name -> name.startsWith(engine + "-"))
        .map(name -> name.substring(engine.length() + 1))
        .filter(name -> !PASSING.contains(name))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** All threads of the engine that live. */
  Set<String> left() {
    return living()
        .map(Thread::getName)
        .filter(name -> name.startsWith(engine + "-") || name.startsWith("durable-"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Stream<Thread> living() {
    Thread[] threads = new Thread[100];
    group.enumerate(threads);
    return Arrays.stream(threads).filter(Objects::nonNull).filter(Thread::isAlive);
  }

  /** Where a thread stands, for messages. */
  static String stack(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .limit(12)
        .map(StackTraceElement::toString)
        .collect(Collectors.joining(" < "));
  }
}
