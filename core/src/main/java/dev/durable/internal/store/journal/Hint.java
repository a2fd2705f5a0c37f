package dev.durable.internal.store.journal;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message from one worker to others. Any session of the database can send one: it may not be
 * readable.
 */
public sealed interface Hint {

  /**
   * Work may be due.
   *
   * @param queue the queue
   */
  record Work(String queue) implements Hint {}

  /**
   * An execution of a limited queue has left its worker: another one may take its place.
   *
   * @param queue the queue
   */
  record Place(String queue) implements Hint {}

  /**
   * A signal was sent to a running execution.
   *
   * @param execution the receiver
   */
  record Signal(UUID execution) implements Hint {}

  /**
   * An execution has been cancelled.
   *
   * @param owner the execution, with the token that its owner had until then
   */
  record Lost(Ownership owner) implements Hint {}

  /** Schedules have changed. */
  record Schedules() implements Hint {}

  /** The hint that schedules have changed. */
  String SCHEDULES = "s*";

  /** The hint that work is due in a queue. */
  static String work(String queue) {
    return "q" + queue;
  }

  /** The hint that an execution of a limited queue has left its worker. */
  static String place(String queue) {
    return "f" + queue;
  }

  /** The hint that a signal was sent to a running execution. */
  static String signalled(UUID execution) {
    return "e" + execution;
  }

  /** The hint that an execution has been taken from its owner. */
  static String cancelled(Ownership lost) {
    return "c" + lost.id() + ":" + lost.token();
  }

  /** Reads a hint; null if it cannot be read. */
  static @Nullable Hint of(@Nullable String payload) {
    if (payload == null || payload.length() < 2) {
      return null;
    }
    String subject = payload.substring(1);
    try {
      return switch (payload.charAt(0)) {
        case 'q' -> new Work(subject);
        case 'f' -> new Place(subject);
        case 'e' -> new Signal(UUID.fromString(subject));
        case 'c' -> lost(subject);
        case 's' -> new Schedules();
        default -> null;
      };
    } catch (IllegalArgumentException foreign) {
      return null;
    }
  }

  private static @Nullable Hint lost(String subject) {
    int colon = subject.indexOf(':');
    return colon < 0
        ? null
        : new Lost(
            new Ownership(
                UUID.fromString(subject.substring(0, colon)),
                Long.parseLong(subject.substring(colon + 1))));
  }
}
