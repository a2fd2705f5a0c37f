package dev.durable.crash;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.TestDatabase;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The execution of one case as the database has it, and its faults. */
public final class Outcome {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

  private final TestDatabase db;
  private final Durable client;
  private final Ledger ledger;
  private final String workflow;

  public Outcome(TestDatabase db, Durable client, Ledger ledger, String workflow) {
    this.db = db;
    this.client = client;
    this.ledger = ledger;
    this.workflow = workflow;
  }

  public boolean hasStarted() {
    return !ids().isEmpty();
  }

  public Execution execution() {
    List<String> ids = ids();
    if (ids.size() != 1) {
      throw new AssertionError("G1: expected one execution, found " + ids);
    }
    return client.find(UUID.fromString(ids.get(0))).orElseThrow();
  }

  public boolean isOver() {
    return hasStarted()
        && (execution().status().isFinal() || execution().status() == ExecutionStatus.PARKED);
  }

  /** Whether it has come to a wait, and rests. */
  public boolean isWaiting() {
    return hasStarted() && execution().status() == ExecutionStatus.WAITING;
  }

  /** The executions that it has started, by status. */
  public List<String> children() {
    return db.rows(
        "select status from durable.workflow_executions where parent_workflow_id = ?",
        execution().id());
  }

  /** Whose its questions are. */
  public List<String> assignees() {
    return db.rows(
        "select unnest(assignees) from durable.pending_inputs where workflow_id = ?",
        execution().id());
  }

  public int runs(String path) {
    return ledger.runs(path);
  }

  public long failures(String path) {
    return ledger.failures(execution().id(), path);
  }

  /** The messages of attempts that failed by themselves, but for those with one of these words. */
  public List<String> failuresBut(String one, String other) {
    return db.rows(
        "select path || ': ' || (error->>'message') from durable.step_executions"
            + " where workflow_id = ? and status = 'failed' and error->>'type' <> 'worker_lost'"
            + " and strpos(error->>'message', ?) = 0 and strpos(error->>'message', ?) = 0",
        execution().id(),
        one,
        other);
  }

  public long transfers() {
    return db.number("select count(*) from transfers where execution = ?", execution().id());
  }

  /** The paths of the transactions whose rows are there. */
  public List<String> transferred() {
    return db.rows(
        "select step from transfers where execution = ? order by step collate \"C\"",
        execution().id());
  }

  /** The paths of the steps that have completed, the last one first. */
  public List<String> completedSteps() {
    return db.rows(
        "select path from durable.step_executions"
            + " where workflow_id = ? and status = 'completed' and step_type = 'step'"
            + " order by completed_at desc, seq desc",
        execution().id());
  }

  public void expect(String what, Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) {
      ledger.offence(what + ": expected " + expected + " but was " + actual);
    }
  }

  public void expectAtMost(String what, int actual, int most) {
    if (actual > most) {
      ledger.offence(what + ": expected at most " + most + " but were " + actual);
    }
  }

  /** Looks again and again until it is so. */
  public void await(String what, BooleanSupplier condition) {
    long until = System.nanoTime() + PATIENCE;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - until > 0) {
        throw new AssertionError("G12: in vain waited for: " + what + "; " + history());
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException interrupted) {
        throw new AssertionError("interrupted while waiting for: " + what, interrupted);
      }
    }
  }

  /** For messages. */
  public String history() {
    return db.rows(
            "select e.status, e.lock_token, e.recoveries, e.locked_by, e.wake_at, e.output, e.error"
                + " from durable.workflow_executions e where e.workflow_name = ?",
            workflow)
        + " "
        + db.rows(
            "select s.seq, s.path, s.attempt, s.status, s.error->>'type'"
                + " from durable.step_executions s join durable.workflow_executions e"
                + " on e.id = s.workflow_id where e.workflow_name = ? order by s.seq",
            workflow);
  }

  private List<String> ids() {
    return db.rows("select id from durable.workflow_executions where workflow_name = ?", workflow);
  }
}
