package dev.durable.internal.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The history of an execution as its owner read it, for the claim that follows that stay: whoever
 * changes the history of an execution that rests, or takes it, raises its token. So the next claim
 * here reads only what this stay has written.
 *
 * <p>What a stay tries to write is noted before it is sent, whether it gets there or not. Rows that
 * have ended never change.
 */
public final class KeptHistory {

  private static final long SLACK = Duration.ofSeconds(1).toNanos();

  private final long token;
  private final NavigableMap<Integer, HistoryRow> rows = new TreeMap<>();
  private final long readAt;
  private final Set<Integer> changed = ConcurrentHashMap.newKeySet();
  private final Set<Integer> forgotten = ConcurrentHashMap.newKeySet();

  /**
   * @param token under which the owner has it
   * @param past what the owner has read
   */
  public KeptHistory(long token, ClaimedHistory past) {
    this.token = token;
    this.readAt = past.readAt();
    past.rows().forEach(row -> rows.put(row.row().seq(), row));
  }

  /** This is about to be written. */
  public void changes(Entry entry) {
    entry.steps().forEach(row -> changed.add(row.seq()));
    changed.addAll(entry.waits().gone());
    forgotten.addAll(entry.forgotten());
  }

  /** Whether nothing but this stay can have changed the history that a claim finds. */
  public boolean isBefore(Ownership claimed) {
    return claimed.token() == token + 1;
  }

  /** Whether it is of this stay. */
  boolean isOf(Ownership owner) {
    return owner.token() == token;
  }

  /** How much memory it takes, roughly. */
  long bytes() {
    long bytes = 0;
    for (HistoryRow row : rows.values()) {
      String output = row.row().output();
      bytes += 400 + 2L * row.row().path().length() + (output == null ? 0 : output.length());
    }
    return bytes;
  }

  /**
   * What has to be read anew of an execution.
   *
   * @param from the place of the first row
   * @param to that of the last
   */
  record Span(UUID execution, int from, int to) {}

  /**
   * What this stay has written, what is due by our clock, and what is due next: the database's
   * clock decides.
   */
  List<Span> unknown(UUID execution, long now) {
    Set<Integer> places = new HashSet<>();
    changed.stream().filter(rows::containsKey).forEach(places::add);
    rows.forEach(
        (seq, row) -> {
          Duration left = left(row, now);
          if (left != null && !left.isPositive() && !isOver(row)) {
            places.add(seq);
          }
        });
    Integer next = next();
    if (next != null) {
      places.add(next);
    }
    List<Span> spans = new ArrayList<>();
    places.forEach(seq -> spans.add(new Span(execution, seq, seq)));
    spans.add(new Span(execution, rows.isEmpty() ? 0 : rows.lastKey() + 1, Integer.MAX_VALUE));
    return spans;
  }

  /** It was due when it was read. */
  private static boolean isOver(HistoryRow row) {
    Duration then = row.wakeIn();
    return then == null || !then.isPositive();
  }

  private @Nullable Duration left(HistoryRow row, long now) {
    Duration then = row.wakeIn();
    return then == null ? null : then.minusNanos(now - readAt);
  }

  private @Nullable Integer next() {
    return rows.entrySet().stream()
        .filter(each -> !isOver(each.getValue()))
        .min(Comparator.comparing(each -> left(each.getValue(), readAt)))
        .map(Map.Entry::getKey)
        .orElse(null);
  }

  /**
   * The whole history.
   *
   * @param read what {@link #unknown} has asked for
   * @param now when it was asked
   * @return null if the database's times do not agree with ours: then all has to be read
   */
  @Nullable List<HistoryRow> with(List<HistoryRow> read, long now) {
    NavigableMap<Integer, HistoryRow> all = new TreeMap<>();
    rows.forEach((seq, row) -> all.put(seq, isOver(row) ? row : row.wakingIn(left(row, now))));
    Integer next = next();
    HistoryRow expected = next == null ? null : all.get(next);
    all.keySet().removeAll(changed);
    if (next != null) {
      all.remove(next);
    }
    read.forEach(row -> all.put(row.row().seq(), row));
    all.keySet().removeAll(forgotten);
    return agrees(next, expected, next == null ? null : all.get(next))
        ? List.copyOf(all.values())
        : null;
  }

  private boolean agrees(
      @Nullable Integer next, @Nullable HistoryRow expected, @Nullable HistoryRow found) {
    if (next == null || changed.contains(next) || forgotten.contains(next)) {
      return true;
    }
    Duration ours = expected == null ? null : expected.wakeIn();
    Duration theirs = found == null ? null : found.wakeIn();
    return ours != null && theirs != null && Math.abs(ours.minus(theirs).toNanos()) < SLACK;
  }
}
