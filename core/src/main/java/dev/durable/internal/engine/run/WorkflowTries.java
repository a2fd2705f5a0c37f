package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.text.Causes;
import dev.durable.json.JsonException;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.BranchFailedException;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.EffectFailedException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tries of the whole workflow since its start or the last operator's retry, and the failures
 * that another try would only bring again. Used by all threads of a run.
 */
public final class WorkflowTries {

  private final Set<String> lasting = ConcurrentHashMap.newKeySet();
  private int failed;
  private long beganAt = System.nanoTime();
  private boolean begun;
  private @Nullable Long dueAt;
  private @Nullable ErrorInfo error;

  // ---- from the history ----

  /** Reads a row of an earlier stay, in the order of the history. */
  void read(HistoryRow recorded) {
    StepExecution row = recorded.row();
    boolean marks = row.type() == StepType.RETRY;
    boolean ofOperator = marks && row.status() == StepStatus.COMPLETED;
    if (!begun || ofOperator) {
      beganAt = DueTime.before(recorded.age());
      begun = true;
    }
    if (marks) {
      failed = ofOperator ? 0 : failed + 1;
      dueAt = DueTime.afterAny(recorded.wakeIn());
      error = row.error();
      lasting.clear();
    } else if (recorded.lasts()) {
      lasting.add(row.path());
    }
  }

  /** How many have failed. */
  public int failed() {
    return failed;
  }

  /** The time since the first one began. */
  public Duration sinceFirst() {
    return Duration.ofNanos(System.nanoTime() - beganAt);
  }

  /** The time until the next one begins; zero if it has begun. */
  public Duration untilDue() {
    return DueTime.until(dueAt);
  }

  /** Why the last one failed that did; null if none did. */
  public @Nullable ErrorInfo error() {
    return error;
  }

  // ---- failures ----

  /**
   * Judges why a node, an effect or a part of a body has failed, and remembers that.
   *
   * @param policy of the whole workflow
   * @param broken told what a condition has thrown
   * @return whether another try would only bring the failure again
   */
  boolean judge(
      RetryPolicy policy, Throwable failure, String path, Consumer<? super Throwable> broken) {
    if (policy.maxAttempts() == 1 && !policy.isParking()) {
      return false;
    }
    boolean lasts =
        !(failure instanceof Exception)
            || Causes.of(failure).stream().anyMatch(this::lasts)
            || !policy.accepts(failure, broken);
    if (lasts) {
      lasting.add(path);
    }
    return lasts;
  }

  /** Of a call that its own policy has given up, it counts why. */
  private boolean lasts(Throwable cause) {
    return switch (cause) {
      case EffectFailedException effect -> lasting.contains(effect.path());
      case BranchFailedException branch -> lasting.contains(branch.path());
      case ChildFailedException child -> false;
      case NonRetryableException refused -> true;
      case JsonException unreadable -> true;
      case RejectedEntryException refused -> true;
      default -> false;
    };
  }

  /** Whether another try would only bring the failure of an execution again. */
  public boolean isLasting(ErrorInfo failure) {
    String path = failure.step();
    return failure.type().equals(ErrorInfo.VALUE_REJECTED)
        || (path != null && lasting.contains(path));
  }
}
