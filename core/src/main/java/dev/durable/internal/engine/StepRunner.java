package dev.durable.internal.engine;

import dev.durable.DatabaseUnavailableException;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.store.EntryRow;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.store.Transition;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.StepTimeoutException;
import dev.durable.workflow.TransactionBody;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs steps: attempts, timeouts, retries. A step that gets no result makes the execution leave
 * this node.
 */
final class StepRunner {

  private static final Duration AFTER_ROLLBACK = Duration.ofMillis(500);

  private final Run run;

  StepRunner(Run run) {
    this.run = run;
  }

  /** A step's result, and the row that says so. */
  record Done(StepRow row, Data data) {}

  /** Runs a step. Its row is yet to be committed. */
  Done run(Node.Step step, String path, Data input) throws ParkedException {
    StepBody<Object, Object, Object> body = unchecked(step.body());
    return attempts(
        StepType.STEP,
        path,
        step.options(),
        attempt -> {
          Object data = read(path, input, step.input());
          run.begin(attempt);
          Object result = body.run(data, new BodyContext(run, attempt));
          run.end(attempt);
          return completed(attempt, step.output(), result);
        });
  }

  /** Runs a transactional step. Its row has been committed when this returns. */
  Done run(Node.Transaction step, String path, Data input) throws ParkedException {
    TransactionBody<Object, Object, Object> body = unchecked(step.body());
    return attempts(
        StepType.TRANSACTION,
        path,
        step.options(),
        attempt -> {
          Object data = read(path, input, step.input());
          AtomicReference<Done> committed = new AtomicReference<>();
          run.begin(attempt);
          run.engine
              .transactions()
              .run(
                  body,
                  data,
                  new BodyContext(run, attempt),
                  result -> {
                    run.end(attempt);
                    Done done = completed(attempt, step.output(), result);
                    committed.set(done);
                    return new EntryRow(run.claimed.owner(), done.row(), null);
                  });
          return committed.get();
        });
  }

  /** One attempt's work: calls the body, ends the attempt, and makes its completed row. */
  private interface Work {
    Done of(Attempt attempt) throws Exception;
  }

  private Done attempts(StepType type, String path, StepOptions options, Work work)
      throws ParkedException {
    while (true) {
      Attempt attempt = new Attempt(path, type, run.history.attempts(path) + 1);
      if (options.isAtMostOnce()) {
        markAtMostOnce(attempt);
      }
      Future<?> timer = arm(attempt, options);
      try {
        return work.of(attempt);
      } catch (ParkedException parked) {
        throw parked;
      } catch (StoppedError | FencedException stopped) {
        run.abandon();
        throw new StoppedError();
      } catch (Throwable failure) {
        // What comes after the body's end is not the body's fault, but another attempt would bring
        // the same value.
        boolean retryable = !attempt.isOver();
        run.end(attempt);
        if (type == StepType.TRANSACTION && failure instanceof DatabaseUnavailableException) {
          comeBack(attempt);
        }
        retryOrLeave(attempt, failure, retryable ? options.retryPolicy() : RetryPolicy.none());
      } finally {
        if (timer != null) {
          timer.cancel(false);
        }
      }
    }
  }

  private @Nullable Future<?> arm(Attempt attempt, StepOptions options) {
    Duration limit = options.timeoutLimit().orElse(null);
    return limit == null
        ? null
        : run.engine.after(limit, () -> run.timeOut(attempt, () -> timedOut(attempt, options)));
  }

  private void timedOut(Attempt attempt, StepOptions options) {
    Throwable failure =
        new StepTimeoutException(attempt.path, options.timeoutLimit().orElse(Duration.ZERO));
    Duration wait = retryDelay(attempt, failure, options.retryPolicy());
    String error = error(attempt, failure);
    StepRow row = attempt.end(run.history, StepStatus.FAILED, null, error);
    run.leaveFromOutside(row, afterFailure(attempt, error, wait));
  }

  /** Tries again at once if there is nothing to wait for; else the execution leaves. */
  private void retryOrLeave(Attempt attempt, Throwable failure, RetryPolicy policy) {
    Duration wait = retryDelay(attempt, failure, policy);
    String error = error(attempt, failure);
    StepRow row = attempt.end(run.history, StepStatus.FAILED, null, error);
    if (wait != null && wait.isZero()) {
      run.commit(row);
      run.history.failed(attempt.path);
      return;
    }
    run.leave(row, afterFailure(attempt, error, wait));
    throw new StoppedError();
  }

  /** How long to wait before the next attempt; null if there will be none. */
  private @Nullable Duration retryDelay(Attempt attempt, Throwable failure, RetryPolicy policy) {
    int failures = run.history.failures(attempt.path) + 1;
    return policy.allows(failure, failures)
        ? policy.delay(failure, failures, ThreadLocalRandom.current().nextDouble())
        : null;
  }

  private static Transition afterFailure(Attempt attempt, String error, @Nullable Duration wait) {
    return wait == null
        ? new Transition(ExecutionStatus.FAILED, null, error, attempt.path, null)
        : new Transition(ExecutionStatus.WAITING, null, null, attempt.path, wait);
  }

  /**
   * A transaction was rolled back by the database, not by the body: it does not count as an
   * attempt.
   */
  private void comeBack(Attempt attempt) {
    StepRow row = null;
    if (attempt.isShown()) {
      ErrorInfo lost =
          ErrorInfo.of(ErrorInfo.WORKER_LOST, "The transaction was rolled back.", attempt.path);
      row = attempt.end(run.history, StepStatus.FAILED, null, InternalJson.write(lost));
    }
    run.leave(
        row, new Transition(ExecutionStatus.WAITING, null, null, attempt.path, AFTER_ROLLBACK));
    throw new StoppedError();
  }

  /** Commits the mark that the body is about to run; refuses if an earlier mark has no end. */
  private void markAtMostOnce(Attempt attempt) {
    if (run.history.isLost(attempt.path)) {
      String error =
          InternalJson.write(
              ErrorInfo.of(
                  ErrorInfo.WORKER_LOST,
                  "Its worker was lost while the body of this at-most-once step may have run. Find"
                      + " out whether it took effect; a retry would run it again.",
                  attempt.path));
      run.leave(null, new Transition(ExecutionStatus.FAILED, null, error, attempt.path, null));
      throw new StoppedError();
    }
    CompletableFuture<Void> committed = new CompletableFuture<>();
    StepRow mark = attempt.show(run.history, committed);
    if (mark != null) {
      run.commit(mark);
      committed.complete(null);
    }
  }

  private Done completed(Attempt attempt, TypeRef<?> type, @Nullable Object result) {
    Data data = run.engine.results().encode(attempt.path, type, result);
    return new Done(attempt.end(run.history, StepStatus.COMPLETED, data.json(), null), data);
  }

  private Object read(String path, Data data, TypeRef<?> type) throws ParkedException {
    try {
      return Values.orVoid(data.as(type, run.engine.payloads()));
    } catch (JsonException unreadable) {
      throw new ParkedException(
          ErrorInfo.of(
              ErrorInfo.UNREADABLE,
              "What step '"
                  + path
                  + "' gets cannot be read as "
                  + type
                  + ": "
                  + Failures.message(unreadable),
              path));
    }
  }

  private static String error(Attempt attempt, Throwable failure) {
    return InternalJson.write(Failures.describe(failure, attempt.path));
  }

  @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
  private static StepBody<Object, Object, Object> unchecked(StepBody<?, ?, ?> body) {
    return (StepBody<Object, Object, Object>) body;
  }

  @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
  private static TransactionBody<Object, Object, Object> unchecked(TransactionBody<?, ?, ?> body) {
    return (TransactionBody<Object, Object, Object>) body;
  }
}
