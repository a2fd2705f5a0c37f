package dev.durable.internal.engine.run;

import dev.durable.internal.store.client.MailboxStore;
import dev.durable.internal.store.client.MailboxStore.Signal;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The signals that were sent to an execution and that no wait has taken, by name, in the order in
 * which they came. Not for several threads at once: the lock of {@link OpenWaits} guards it.
 */
final class Mailbox {

  private final Map<String, Deque<Signal>> signals = new HashMap<>();
  private long last = MailboxStore.ALL;

  /** The id of the last signal that is known. */
  long last() {
    return last;
  }

  /** The number of signal names. */
  int size() {
    return signals.size();
  }

  /**
   * Adds signals, in order; those that are known already are passed over.
   *
   * @return whether one of them is new
   */
  boolean add(List<Signal> news) {
    boolean more = false;
    for (Signal signal : news) {
      if (signal.id() > last) {
        last = signal.id();
        signals.computeIfAbsent(signal.signal(), name -> new ArrayDeque<>()).add(signal);
        more = true;
      }
    }
    return more;
  }

  /** Puts signals back, as if they had not been taken. */
  void giveBack(List<Signal> taken) {
    for (Signal signal : taken.reversed()) {
      signals.computeIfAbsent(signal.signal(), name -> new ArrayDeque<>()).addFirst(signal);
    }
  }

  /** Drops the signals of a name. */
  void forget(String name) {
    signals.remove(name);
  }

  /** Whether a signal of that name has come. */
  boolean has(String name) {
    Deque<Signal> waiting = signals.get(name);
    return waiting != null && !waiting.isEmpty();
  }

  /** Whether every signal, or one of them, has come. */
  boolean has(boolean all, Collection<String> names) {
    return all
        ? !names.isEmpty() && names.stream().allMatch(this::has)
        : names.stream().anyMatch(this::has);
  }

  /**
   * Takes the signals that decide a wait: a cancel, every signal, or the first that came. Empty if
   * it is not decided.
   */
  List<Signal> take(@Nullable PendingWait wait, boolean all, List<String> names) {
    if (wait != null && has(wait.cancel())) {
      return List.of(take(wait.cancel()));
    }
    if (!has(all, names)) {
      return List.of();
    }
    return all ? names.stream().map(this::take).toList() : List.of(take(first(names)));
  }

  /** The name of the signal that came first. */
  private String first(List<String> names) {
    String first = null;
    for (String name : names) {
      if (has(name) && (first == null || peek(name).id() < peek(first).id())) {
        first = name;
      }
    }
    if (first == null) {
      throw new IllegalStateException("nothing has come: " + names);
    }
    return first;
  }

  private Signal peek(String name) {
    return signals.getOrDefault(name, new ArrayDeque<>()).element();
  }

  private Signal take(String name) {
    Deque<Signal> waiting = signals.getOrDefault(name, new ArrayDeque<>());
    Signal first = waiting.remove();
    if (waiting.isEmpty()) {
      signals.remove(name);
    }
    return first;
  }
}
