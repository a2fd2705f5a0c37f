package dev.durable.internal.engine.run;

import dev.durable.internal.journal.FencedException;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.ExecutionLinks;
import dev.durable.internal.store.journal.Transition;
import dev.durable.internal.store.worker.KeptHistory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The way of a run's changes to the journal: makes its entries, and waits for their commits. A run
 * that is fenced, or whose commit failed, is abandoned.
 */
public final class RunJournal {

  private final RunState run;

  RunJournal(RunState run) {
    this.run = run;
  }

  /** Offers changes to the journal; the history knows them once they are committed. */
  public CompletableFuture<Void> offer(Uncommitted changes) {
    run.history().offered(changes.rows());
    CompletableFuture<Void> decided = new CompletableFuture<>();
    run.services()
        .journal()
        .offer(entry(changes, null))
        .whenComplete(
            (done, failure) -> {
              run.history().decided(changes.rows(), failure == null);
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
            : new ExecutionLinks(run.claimed().child(), mayHaveChildren(), run.waits().isUsed());
    Entry entry =
        new Entry(
            run.owner(), changes.rows(), changes.forgotten(), changes.waits(), transition, links);
    KeptHistory kept = run.kept();
    if (kept != null) {
      kept.changes(entry);
    }
    return entry;
  }

  /** Forgotten rounds of a repeat may have started children. */
  private boolean mayHaveChildren() {
    return run.waits().hasChildren() || !run.history().rounds().isEmpty();
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
        if (run.stay().isGone()) {
          throw run.stoppedError(null);
        }
        interrupted = true;
      } catch (ExecutionException failure) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof RejectedEntryException rejected) {
          throw rejected;
        }
        String why = cause instanceof FencedException ? RunState.NOT_OURS : String.valueOf(cause);
        run.abandon(why);
        throw run.stoppedError(why);
      }
    }
  }

  private static @Nullable Throwable unwrapped(ExecutionException failure) {
    return failure.getCause() instanceof CompletionException wrapper
        ? wrapper.getCause()
        : failure.getCause();
  }
}
