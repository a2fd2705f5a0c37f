package dev.durable.crash;

import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Records the work of bodies outside of the database, and finds work that must not be done. */
public final class Ledger {

  private final TestDatabase db;
  private final ConcurrentHashMap<String, AtomicInteger> runs = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> offences = new ConcurrentLinkedQueue<>();

  public Ledger(TestDatabase db) {
    this.db = db;
  }

  /**
   * A body begins: its result must not have been committed before. Only one that stood still before
   * its first line may come that late; by then it has been told that it runs in vain.
   *
   * @param isInVain whether it has been told so
   */
  public void begin(UUID execution, String path, BooleanSupplier isInVain) {
    runs.computeIfAbsent(path, p -> new AtomicInteger()).incrementAndGet();
    long committed =
        db.number(
            "select count(*) from durable.step_executions"
                + " where workflow_id = ? and path = ? and status = 'completed'",
            execution,
            path);
    if (committed > 0 && !isInVain.getAsBoolean()) {
      offences.add("G3: '" + path + "' ran again after its result was committed");
    }
    long late =
        db.number(
            "select count(*) from durable.workflow_executions"
                + " where id = ? and scheduled_at > clock_timestamp()",
            execution);
    if (late > 0) {
      offences.add("G7: '" + path + "' ran before its time");
    }
  }

  public int runs(String path) {
    AtomicInteger count = runs.get(path);
    return count == null ? 0 : count.get();
  }

  /** Attempts that failed by themselves. */
  public long failures(UUID execution, String path) {
    return db.number(
        "select count(*) from durable.step_executions where workflow_id = ? and path = ?"
            + " and status = 'failed' and error->>'type' <> 'worker_lost'",
        execution,
        path);
  }

  /** Whether the history shows the step as running. */
  public boolean isShown(UUID execution, String path) {
    return db.number(
            "select count(*) from durable.step_executions"
                + " where workflow_id = ? and path = ? and status = 'running'",
            execution,
            path)
        > 0;
  }

  public void offence(String what) {
    offences.add(what);
  }

  public List<String> offences() {
    return new ArrayList<>(offences);
  }
}
