package dev.durable.internal.engine.run;

import dev.durable.execution.StepType;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.store.worker.KeptHistories;
import dev.durable.internal.store.worker.KeptHistory;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of one run that all its threads share: the execution, its history and waits, the bodies
 * that are running, and the way to the journal. Knows nothing of the definition's nodes.
 */
public final class RunState {

  /** The reason of a run that was stopped because its execution has another owner. */
  public static final String NOT_OURS = "its execution belongs to another run";

  private final RunServices services;
  private final Claimed claimed;
  private final Workflow<?, ?> workflow;
  private final History history;
  private final UnrecordedFailures unrecorded = new UnrecordedFailures();
  private final OpenWaits waits;
  private final RetryPauses pauses = new RetryPauses();
  private final RunningBodies bodies = new RunningBodies();
  private final Stay stay;
  private final @Nullable KeptHistory kept;
  private final RunJournal journal = new RunJournal(this);
  private final Consumer<String> abandonment;

  /** The state of a run that only looks back at these rows of the same execution. */
  private RunState(RunState now, List<HistoryRow> rows) {
    ClaimedHistory past = new ClaimedHistory(rows, List.of(), System.nanoTime());
    this.services = now.services;
    this.claimed = now.claimed;
    this.workflow = now.workflow;
    this.history = new History(rows);
    this.waits = new OpenWaits(past);
    this.kept = null;
    this.abandonment = now.abandonment;
    this.stay = now.stay;
  }

  /**
   * @param claimedHistory the history and signals that were loaded with the claim
   * @param abandonment stops the run without writing anything, for a reason
   */
  public RunState(
      RunServices services,
      Claimed claimed,
      Workflow<?, ?> workflow,
      ClaimedHistory claimedHistory,
      Consumer<String> abandonment) {
    this.services = services;
    this.claimed = claimed;
    this.workflow = workflow;
    this.history = new History(claimedHistory.rows());
    this.waits = new OpenWaits(claimedHistory);
    this.kept =
        KeptHistories.isWorth(claimedHistory)
            ? new KeptHistory(claimed.owner().token(), claimedHistory)
            : null;
    this.abandonment = abandonment;
    this.stay = new Stay();
  }

  /**
   * The same execution as a body saw it that is entered only to look back: what an operator's retry
   * has set aside is still there. Nothing that changes it is written.
   */
  public RunState past(List<HistoryRow> recorded) {
    return new RunState(
        this, recorded.stream().filter(one -> one.row().type() != StepType.RETRY).toList());
  }

  public RunServices services() {
    return services;
  }

  public Claimed claimed() {
    return claimed;
  }

  /** The execution and the token under which this run owns it. */
  public Ownership owner() {
    return claimed.owner();
  }

  /** The execution. */
  public UUID id() {
    return claimed.owner().id();
  }

  public Workflow<?, ?> workflow() {
    return workflow;
  }

  public History history() {
    return history;
  }

  /** The failures of effects that leave no row. */
  public UnrecordedFailures unrecorded() {
    return unrecorded;
  }

  public OpenWaits waits() {
    return waits;
  }

  /** The pauses after questions that the database did not answer. */
  public RetryPauses pauses() {
    return pauses;
  }

  public RunningBodies bodies() {
    return bodies;
  }

  public Stay stay() {
    return stay;
  }

  /** The copy of the history that may be kept while the execution waits, or null. */
  public @Nullable KeptHistory kept() {
    return kept;
  }

  /**
   * Judges why a node, an effect or a part of a body has failed: whether another try of the whole
   * workflow would only bring that again.
   *
   * @param broken told what a condition of the workflow's policy has thrown
   */
  public boolean lasts(Throwable failure, String path, Consumer<? super Throwable> broken) {
    return history.tries().judge(workflow.retryWorkflow(), failure, path, broken);
  }

  /** The way to the journal. */
  public RunJournal journal() {
    return journal;
  }

  // ---- stopping ----

  /** Whether this worker begins no more bodies. */
  public boolean isDraining() {
    return services.draining().getAsBoolean();
  }

  /** Whether the work of this run is no longer needed. */
  public boolean isStopped() {
    return !stay.isWalking();
  }

  /** Stops without writing anything: another owner, or another thread, decides what follows. */
  public void abandon(String reason) {
    abandonment.accept(reason);
  }

  /**
   * The error that unwinds a thread of this run.
   *
   * @param why the reason, if not that of the whole run
   */
  public StoppedError stoppedError(@Nullable String why) {
    return stay.stopped(why);
  }

  // ---- waits ----

  /**
   * The time until a suspended part is due, null if no time makes it due. Only the database can
   * judge a point in time; if it does not answer, the part asks again later.
   */
  public @Nullable Duration untilDue(Suspension suspended) {
    Duration in = suspended.wake().in();
    if (suspended.wake().at() == null) {
      return in;
    }
    try {
      for (PendingWait wait : waits.within(suspended.path()).values()) {
        if (wait.at() != null) {
          Duration until = services.queries().untilDue(id(), wait.seq());
          in = in == null || until.compareTo(in) < 0 ? until : in;
        }
      }
      return in;
    } catch (Throwable unanswered) {
      Duration pause = pauses.next("ask when execution " + id() + " is due", unanswered);
      return in == null || pause.compareTo(in) < 0 ? pause : in;
    }
  }

  @Override
  public String toString() {
    return "execution " + id() + " (" + stay + ")";
  }
}
