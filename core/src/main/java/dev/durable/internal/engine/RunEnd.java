package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.codec.CompensationLog;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.engine.flow.CompensationPlan;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.Transition;
import dev.durable.internal.store.journal.WakeCondition;
import dev.durable.internal.worker.Slots;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Commits the transition with which a run leaves. If the database refuses the entry, the next one
 * has less in it; the last one only frees the execution.
 */
final class RunEnd {

  private static final Logger LOG = LoggerFactory.getLogger(RunEnd.class);
  private static final Duration AFTER_REFUSALS = Duration.ofSeconds(10);

  private final RunState run;
  private final Slots.Slot slot;

  RunEnd(RunState run, Slots.Slot slot) {
    this.run = run;
    this.slot = slot;
  }

  /**
   * The transition after a failure: the execution fails, or is undone.
   *
   * @param undoes whether the failure is a reason to undo completed steps
   * @param uncommitted changes that will be committed with the transition
   */
  Transition failed(ErrorInfo error, boolean undoes, Uncommitted uncommitted) {
    String json = InternalJson.write(error);
    if (!undoes || !CompensationPlan.hasReason(run.workflow(), run.history(), uncommitted)) {
      return new Transition(ExecutionStatus.FAILED, null, json, error.step(), WakeCondition.NEVER);
    }
    return new Transition(
        ExecutionStatus.COMPENSATING,
        null,
        json,
        error.step(),
        WakeCondition.after(Duration.ZERO),
        InternalJson.write(CompensationLog.because(error)));
  }

  /** The transition of an execution that cannot continue without a person. */
  static Transition parked(ErrorInfo reason) {
    return new Transition(
        ExecutionStatus.PARKED,
        null,
        InternalJson.write(reason),
        reason.step(),
        WakeCondition.NEVER);
  }

  /** The transition that takes the place of one that the database has refused. */
  Transition insteadOf(Transition refused, ErrorInfo error, Uncommitted uncommitted) {
    if (refused.status() == ExecutionStatus.PARKED) {
      return refused;
    }
    return isUndone() ? parked(error) : failed(error, true, uncommitted);
  }

  private boolean isUndone() {
    return run.claimed().compensation() != null;
  }

  /**
   * Commits an entry with a transition.
   *
   * @param second makes the entry that is tried if the first is refused
   * @return the transition that has been committed; null if none was
   * @throws StoppedError if the execution belongs to another run
   */
  @Nullable Transition commit(Entry first, Function<RejectedEntryException, Entry> second) {
    Entry entry = first;
    for (int refusals = 1; ; refusals++) {
      try {
        CompletableFuture<Void> end = run.services().journal().offer(entry);
        slot.leaving();
        run.journal().await(end);
        return entry.transition();
      } catch (RejectedEntryException refused) {
        LOG.atLevel(refusals == 1 ? Level.DEBUG : Level.ERROR)
            .log("Execution {}: its end is refused: {}", run.id(), refused.getMessage());
        switch (refusals) {
          case 1 -> entry = second.apply(refused);
          case 2 -> entry = run.journal().entry(Uncommitted.NOTHING, parked(refusedTwice()));
          case 3 -> entry = run.journal().entry(Uncommitted.NOTHING, released());
          default -> {
            return null;
          }
        }
      }
    }
  }

  private static ErrorInfo refusedTwice() {
    return ErrorInfo.of(
        "end_refused",
        "The database refused to store how it went on, and the failure as well; see the log.",
        null);
  }

  private Transition released() {
    ExecutionStatus status = isUndone() ? ExecutionStatus.COMPENSATING : ExecutionStatus.PENDING;
    return new Transition(status, null, null, null, WakeCondition.after(AFTER_REFUSALS));
  }
}
