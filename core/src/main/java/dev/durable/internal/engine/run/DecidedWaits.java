package dev.durable.internal.engine.run;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The waits of an attempt that are decided, and will be committed with its end. The attempt's lock
 * guards it, except {@link #of} and {@link #settled}.
 */
final class DecidedWaits {

  private final Map<String, String> ends = new ConcurrentHashMap<>();
  private List<TentativeWait> waits = List.of();
  private Uncommitted rows = Uncommitted.NOTHING;
  private volatile boolean settled;

  void add(TentativeWait wait, String json, Uncommitted more) {
    waits = Stream.concat(waits.stream(), Stream.of(wait)).toList();
    rows = rows.and(more);
    ends.put(wait.path(), json);
  }

  void add(Uncommitted more) {
    rows = rows.and(more);
  }

  /** Takes over those of a part, whose code has ended. */
  void takeFrom(DecidedWaits part) {
    waits = Stream.concat(waits.stream(), part.waits.stream()).toList();
    rows = rows.and(part.rows);
    part.settled();
  }

  /** They are committed, or with another attempt: nothing undoes them here. */
  void settled() {
    settled = true;
  }

  /** The end of a wait as JSON, or null. */
  @Nullable String of(String path) {
    return ends.get(path);
  }

  Uncommitted rows() {
    return rows;
  }

  /** Whether they have received signals. */
  boolean hasTaken() {
    return waits.stream().anyMatch(wait -> !wait.taken().isEmpty());
  }

  /** Forgets them; returns those that are to be undone. */
  List<TentativeWait> clear() {
    List<TentativeWait> undone = settled ? List.of() : waits;
    waits = List.of();
    rows = Uncommitted.NOTHING;
    ends.clear();
    return undone;
  }
}
