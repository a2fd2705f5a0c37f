package dev.durable.internal.store.worker;

import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.Ownership;
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
 * The history of an execution as its owner read it, kept for the next claim on this worker. A
 * session that claims the execution or changes its history while it waits raises its token, so the
 * next claim here reads only what this stay has written.
 *
 * <p>Changes are noted before they are sent, whether they are committed or not. Rows that have
 * ended never change, except those of progress, which only the owner replaces.
 */
public final class KeptHistory {

  private static final long SLACK = Duration.ofSeconds(1).toNanos();

  private final long token;
  private final NavigableMap<Integer, HistoryRow> rows = new TreeMap<>();
  private final long readAt;
  private final Set<Integer> changed = ConcurrentHashMap.newKeySet();
  private final Set<Integer> forgotten = ConcurrentHashMap.newKeySet();

  /**
   * @param token the owner's token
   * @param past the history that the owner has read
   */
  public KeptHistory(long token, ClaimedHistory past) {
    this.token = token;
    this.readAt = past.readAt();
    past.rows().forEach(row -> rows.put(row.row().seq(), row));
  }

  /** Notes an entry that is about to be written. */
  public void changes(Entry entry) {
    entry.steps().forEach(row -> changed.add(row.seq()));
    changed.addAll(entry.waits().gone());
    forgotten.addAll(entry.forgotten());
  }

  /** Whether only this stay can have changed the history that a claim finds. */
  public boolean isBefore(Ownership claimed) {
    return claimed.token() == token + 1;
  }

  /** Whether it is the history of this owner. */
  boolean isOf(Ownership owner) {
    return owner.token() == token;
  }

  /** The memory that it takes, roughly. */
  long bytes() {
    long bytes = 0;
    for (HistoryRow row : rows.values()) {
      String output = row.row().output();
      String input = row.undo() == null ? null : row.undo().input();
      bytes += 400 + 2L * row.row().path().length() + length(output) + length(input);
    }
    return bytes;
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }

  /**
   * Rows of an execution that have to be read again.
   *
   * @param from the place of the first row
   * @param to the place of the last row
   */
  public record Span(UUID execution, int from, int to) {}

  /**
   * The rows that this stay has written, that are due by this worker's clock, and the row that is
   * due next: the database's clock decides.
   */
  public List<Span> unknown(UUID execution, long now) {
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

  /** Whether it was due when it was read. */
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
   * @param read the rows that {@link #unknown} has named
   * @param now when they were queried
   * @return null if the database's times do not agree with this worker's: then all rows have to be
   *     read
   */
  public @Nullable List<HistoryRow> with(List<HistoryRow> read, long now) {
    NavigableMap<Integer, HistoryRow> all = new TreeMap<>();
    Duration passed = Duration.ofNanos(now - readAt);
    rows.forEach((seq, row) -> all.put(seq, row.after(passed)));
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
