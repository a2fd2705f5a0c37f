package dev.durable.internal.engine.run;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.text.NodePath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rounds of an execution's repeats, and the places of their rows, which are forgotten when the
 * next round is over. Used by all threads of a run.
 */
public final class Rounds {

  private final Map<String, Round> rounds = new ConcurrentHashMap<>();
  private final Map<Integer, String> places = new ConcurrentHashMap<>();

  /**
   * The rounds of a repeat so far.
   *
   * @param number how many are over
   * @param data the result of the last one, as JSON
   * @param seq the place of the repeat's row
   * @param open whether the row is open; one that has failed, or was cancelled, is closed for good
   * @param dueAt when the next one is due by {@link System#nanoTime}
   */
  public record Round(int number, String data, int seq, boolean open, @Nullable Long dueAt) {}

  /**
   * Reads a row of an earlier stay, in the order of the history.
   *
   * @param wakeIn the time until the next round, or null
   */
  void read(StepExecution row, @Nullable Duration wakeIn) {
    place(row.seq(), row.path());
    if (row.type() == StepType.REPEAT) {
      over(row.path(), row.attempt(), row.output(), row.seq(), row.status(), wakeIn);
    }
  }

  /** Counts a row that is in the database. */
  void committed(StepRow row) {
    if (row.type() == StepType.REPEAT) {
      over(row.path(), row.attempt(), row.output(), row.seq(), row.status(), row.wakeIn());
    }
  }

  private void over(
      String path,
      int number,
      @Nullable String data,
      int seq,
      StepStatus status,
      @Nullable Duration wakeIn) {
    String result = data == null ? "null" : data;
    boolean open = status == StepStatus.WAITING;
    rounds.put(path, new Round(number, result, seq, open, DueTime.afterAny(wakeIn)));
  }

  /** The rounds of a repeat so far, or null. */
  public @Nullable Round of(String path) {
    return rounds.get(path);
  }

  /** Whether no round of any repeat is over. */
  boolean isEmpty() {
    return rounds.isEmpty();
  }

  /** Remembers the place of a row. Only rows of a round can be forgotten. */
  void place(int seq, String path) {
    if (path.indexOf('[') >= 0) {
      places.put(seq, path);
    }
  }

  /**
   * Forgets the rows below a path, except some.
   *
   * @param forgotten gets the path of each row that is forgotten
   * @return the places of these rows
   */
  List<Integer> forget(String round, Predicate<String> kept, Consumer<String> forgotten) {
    List<Integer> gone = new ArrayList<>();
    places.forEach(
        (seq, path) -> {
          if (NodePath.isBelow(round, path) && !kept.test(path)) {
            gone.add(seq);
            forgotten.accept(path);
            rounds.remove(path);
          }
        });
    gone.forEach(places::remove);
    return gone;
  }
}
