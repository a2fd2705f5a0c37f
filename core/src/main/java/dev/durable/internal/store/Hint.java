package dev.durable.internal.store;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What one worker tells others. Whoever can connect may send anything: it may not be readable. */
public sealed interface Hint {

  /** PostgreSQL refuses payloads of 8000 bytes and more. */
  int LONGEST = 7_999;

  /**
   * Work may be due.
   *
   * @param queue where
   */
  record Work(String queue) implements Hint {}

  /**
   * Something has been sent.
   *
   * @param execution to whom
   */
  record Signal(UUID execution) implements Hint {}

  /**
   * An execution has been cancelled.
   *
   * @param owner the execution, with the token that its owner had until then
   */
  record Lost(Ownership owner) implements Hint {}

  /** Work is due in a queue. */
  static String work(String queue) {
    return "q" + queue;
  }

  /** Something has been sent to an execution that runs. */
  static String signalled(UUID execution) {
    return "e" + execution;
  }

  /** An execution has been taken from its owner. */
  static String cancelled(Ownership lost) {
    return "c" + lost.id() + ":" + lost.token();
  }

  /** Null if it cannot be read. */
  static @Nullable Hint of(@Nullable String payload) {
    if (payload == null || payload.length() < 2) {
      return null;
    }
    String subject = payload.substring(1);
    try {
      return switch (payload.charAt(0)) {
        case 'q' -> new Work(subject);
        case 'e' -> new Signal(UUID.fromString(subject));
        case 'c' -> lost(subject);
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

  /** Those that PostgreSQL takes. */
  static List<String> fitting(Collection<String> hints) {
    return hints.stream().filter(Hint::fits).toList();
  }

  private static boolean fits(String hint) {
    return hint.length() <= LONGEST
        && hint.getBytes(StandardCharsets.UTF_8).length <= LONGEST
        && hint.indexOf('\0') < 0;
  }
}
