package dev.durable.internal.engine.run;

import dev.durable.internal.journal.FencedException;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.ExecutionLinks;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.Transition;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.KeptHistories;
import dev.durable.internal.store.worker.KeptHistory;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
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
  private final OpenWaits waits;
  private final RetryPauses pauses = new RetryPauses();
  private final RunningBodies bodies = new RunningBodies();
  private final Stay stay = new Stay();
  private final @Nullable KeptHistory kept;
  private final Consumer<String> abandonment;

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

  // ---- commits ----

  /** Offers changes to the journal; the history knows them once they are committed. */
  public CompletableFuture<Void> offer(Uncommitted changes) {
    history.offered(changes.rows());
    CompletableFuture<Void> decided = new CompletableFuture<>();
    services
        .journal()
        .offer(entry(changes, null))
        .whenComplete(
            (done, failure) -> {
              history.decided(changes.rows(), failure == null);
              if (failure == null) {
                decided.complete(null);
              } else {
                decided.completeExceptionally(failure);
              }
            });
    return decided;
  }

  /** The journal's entry of changes, and of the transition with which the run leaves. */
  public Entry entry(Uncommitted changes, @Nullable Transition transition) {
    ExecutionLinks links =
        transition == null
            ? ExecutionLinks.NONE
            : new ExecutionLinks(claimed.child(), mayHaveChildren(), waits.isUsed());
    Entry entry =
        new Entry(
            claimed.owner(),
            changes.rows(),
            changes.forgotten(),
            changes.waits(),
            transition,
            links);
    if (kept != null) {
      kept.changes(entry);
    }
    return entry;
  }

  /** Forgotten rounds of a repeat may have started children. */
  private boolean mayHaveChildren() {
    return waits.hasChildren() || history.hasRounds();
  }

  /**
   * Commits a fact of a body that is running.
   *
   * @param then follows as soon as the fact is committed
   * @throws StoppedError if the body's work is no longer needed
   */
  public void commit(Attempt attempt, Uncommitted fact, Runnable then) {
    if (await(attempt.offer(() -> offer(fact).thenRun(then)))) {
      // The interrupt was meant for the body.
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits for a commit. An interrupt only wakes the thread, which looks up whether it means
   * something.
   *
   * @return whether the thread was interrupted meanwhile
   * @throws StoppedError if this run is over
   */
  public boolean await(CompletableFuture<Void> commit) {
    boolean interrupted = false;
    while (true) {
      try {
        commit.get();
        return interrupted;
      } catch (InterruptedException now) {
        if (stay.isGone()) {
          throw stay.stopped(null);
        }
        interrupted = true;
      } catch (ExecutionException failure) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof RejectedEntryException rejected) {
          throw rejected;
        }
        String why = cause instanceof FencedException ? NOT_OURS : String.valueOf(cause);
        abandon(why);
        throw stay.stopped(why);
      }
    }
  }

  private static @Nullable Throwable unwrapped(ExecutionException failure) {
    return failure.getCause() instanceof CompletionException wrapper
        ? wrapper.getCause()
        : failure.getCause();
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
