package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.journal.BodyFailedException;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.journal.RolledBackException;
import dev.durable.internal.journal.TransactionAttempt;
import dev.durable.internal.store.Entry;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.text.Causes;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.TransactionBody;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs what a strand comes to: attempts, timeouts, retries. A result is held by the strand and
 * handed on; what brings none ends or suspends the walk.
 */
final class StepRunner {

  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final Strand strand;
  private final RunState run;

  StepRunner(Strand strand) {
    this.strand = strand;
    this.run = strand.run();
  }

  /**
   * What is to be run, and how.
   *
   * @param type what its rows stand for
   * @param path where it stands
   * @param retry whether a failed attempt is repeated
   * @param timeout the longest time for an attempt, or null
   * @param atMostOnce whether the body is never begun twice
   * @param compensates the path of the step that it undoes, or null
   */
  private record Task(
      StepType type,
      String path,
      RetryPolicy retry,
      @Nullable Duration timeout,
      boolean atMostOnce,
      @Nullable String compensates) {

    static Task of(StepType type, String path, StepOptions<?> options) {
      return new Task(
          type,
          path,
          options.retryPolicy(),
          options.timeoutLimit().orElse(null),
          options.isAtMostOnce(),
          null);
    }
  }

  /** One attempt's work: calls the body, and ends the attempt. */
  private interface Work {
    JsonValue of(Attempt attempt) throws Exception;
  }

  /** Runs a step. */
  JsonValue run(Node.Step step, String path, JsonValue input)
      throws StepFailure, Suspension, ParkedException {
    StepBody<Object, Object, Object> body = unchecked(step.body());
    boolean waitsOnly = step.purpose() != Node.Purpose.WORK;
    return attempts(
        Task.of(StepType.STEP, path, step.options()),
        attempt -> {
          BodyContext context = new BodyContext(strand, attempt, waitsOnly);
          Object result = body.run(read(path, input, step.input()), context);
          strand.end(attempt);
          return completed(attempt, step.output(), result);
        });
  }

  /** Runs a decision; its result says where to go on. */
  JsonValue run(Node.Decide decide, String path, JsonValue input)
      throws StepFailure, Suspension, ParkedException {
    StepBody<Object, Object, Object> body = unchecked(decide.body());
    return attempts(
        Task.of(StepType.DECISION, path, decide.options()),
        attempt -> {
          Object decision = body.run(read(path, input, decide.input()), context(attempt));
          strand.end(attempt);
          return held(
              attempt, DecisionRow.encode(decide, path, decision, run.services().results()));
        });
  }

  /** What a function makes of the data, once: as a row of its own. Not retried. */
  JsonValue evaluate(StepType type, String path, TypeRef<?> result, Function work)
      throws StepFailure, Suspension, ParkedException {
    return evaluate(type, path, work, made -> run.services().results().encode(path, result, made));
  }

  /**
   * The same of a function that does not make a user's value.
   *
   * @param stored how what it makes is stored
   */
  JsonValue evaluate(StepType type, String path, Function work, Encoding stored)
      throws StepFailure, Suspension, ParkedException {
    String committed = run.history().result(path);
    if (committed != null) {
      return JsonValue.of(committed);
    }
    return attempts(
        new Task(type, path, RetryPolicy.none(), null, false, null),
        attempt -> {
          Object value = work.of(context(attempt));
          strand.end(attempt);
          return held(attempt, stored.of(value));
        });
  }

  /** How the result of a function is stored. */
  interface Encoding {
    JsonValue of(@Nullable Object made);
  }

  /** A user's function that is not a step's body. */
  interface Function {
    @Nullable Object of(BodyContext context) throws Exception;
  }

  /** Undoes what was done at a path. */
  void undo(Compensation<?> undo, String undone, String path, TypeRef<?> type, JsonValue result)
      throws StepFailure, Suspension, ParkedException {
    @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
    Compensation<Object> compensation = (Compensation<Object>) undo;
    attempts(
        new Task(
            StepType.COMPENSATION,
            path,
            undo.retryPolicy(),
            undo.timeoutLimit().orElse(null),
            false,
            undone),
        attempt -> {
          compensation.body().undo(read(path, result, type), context(attempt));
          strand.end(attempt);
          return held(attempt, JsonValue.of("null"));
        });
  }

  /** Runs a transactional step. Its row has been committed when this returns. */
  JsonValue run(Node.Transaction step, String path, JsonValue input)
      throws StepFailure, Suspension, ParkedException {
    TransactionBody<Object, Object, Object> body = unchecked(step.body());
    return attempts(
        Task.of(StepType.TRANSACTION, path, step.options()),
        attempt -> {
          Object data = read(path, input, step.input());
          BodyContext context = context(attempt);
          TransactionCall call = new TransactionCall(attempt, step.output());
          run.services()
              .transactions()
              .run(
                  (value, tx) -> {
                    // To get a connection may have taken long.
                    context.requireWanted();
                    return body.run(value, tx);
                  },
                  data,
                  context,
                  call);
          return call.committed();
        });
  }

  /** An attempt as the runner of its transaction sees it. */
  private final class TransactionCall implements TransactionAttempt<Object> {

    private final Attempt attempt;
    private final TypeRef<?> type;
    private @Nullable JsonValue done;

    TransactionCall(Attempt attempt, TypeRef<?> type) {
      this.attempt = attempt;
      this.type = type;
    }

    @Override
    public void requireWanted() {
      if (strand.isStopped() || !(attempt.isOpen() || attempt.isOver())) {
        throw strand.stoppedError();
      }
    }

    @Override
    public Entry checkpoint(Object result) {
      strand.end(attempt);
      JsonValue data = run.services().results().encode(attempt.path(), type, result);
      done = data;
      return new Entry(run.owner(), List.of(row(attempt, data)));
    }

    @Override
    public void interruptsBy(Runnable interruption) {
      attempt.interruptsBy(interruption);
    }

    JsonValue committed() {
      JsonValue data = Objects.requireNonNull(done);
      run.history().completed(attempt.path(), data.json());
      return data;
    }
  }

  private JsonValue attempts(Task task, Work work) throws StepFailure, Suspension, ParkedException {
    String path = task.path;
    run.history().refuseIfFailed(path);
    Duration rest = run.history().untilDue(path);
    if (!rest.isZero()) {
      throw new Suspension(rest, path);
    }
    strand.flush(path);
    strand.awaitTurn(path);
    try {
      return attemptsInTurn(task, work);
    } finally {
      run.bodies().giveTurnBack();
    }
  }

  private JsonValue attemptsInTurn(Task task, Work work)
      throws StepFailure, Suspension, ParkedException {
    String path = task.path;
    Repeats repeats = null;
    while (true) {
      Attempt attempt =
          new Attempt(
              path, task.type, run.history().attempts(path) + 1, task.compensates, task.atMostOnce);
      if (task.atMostOnce) {
        markAtMostOnce(attempt);
      }
      try {
        strand.begin(attempt);
        return new BodyCall(strand, attempt).call(task.timeout, () -> work.of(attempt));
      } catch (ParkedException unreadable) {
        throw parked(attempt, unreadable);
      } catch (Throwable thrown) {
        requireWanted(attempt, thrown);
        ErrorInfo unreadable = attempt.unreadable();
        if (unreadable != null && !(thrown instanceof BodyCall.TimedOut)) {
          throw parked(attempt, new ParkedException(unreadable));
        }
        if (attempt.rest() != null && !(thrown instanceof BodyCall.TimedOut)) {
          throw suspended(attempt);
        }
        if (thrown instanceof RolledBackException rolledBack) {
          repeats = repeats == null ? new Repeats() : repeats;
          Duration pause = repeats.next(rolledBack.reason());
          if (pause != null) {
            repeats.log(run.id(), path, rolledBack, pause);
            comeBack(attempt, pause);
            continue;
          }
        }
        failed(task, attempt, thrown);
      } finally {
        strand.settled();
      }
    }
  }

  /**
   * Whatever a body throws, even an error of the engine that it has kept, is its failure, unless it
   * was stopped.
   */
  private void requireWanted(Attempt attempt, Throwable thrown) {
    if (thrown instanceof FencedException) {
      run.abandon(RunState.NOT_OURS);
    }
    if (strand.isStopped()) {
      if (!run.isStopped()) {
        run.bodies().ended(attempt);
      }
      throw strand.stoppedError();
    }
  }

  /** The body waits: this attempt leaves no row, and begins again when the wait is over. */
  private Suspension suspended(Attempt attempt) {
    strand.leave(attempt);
    attempt.comesAgain(run.history());
    Attempt.Rest rest = Objects.requireNonNull(attempt.rest());
    strand.forget(attempt.hide());
    strand.hold(rest.held());
    if (!rest.unanswered()) {
      strand.closeWaits(attempt.path(), rest.open().keySet());
    }
    rest.open().forEach(run.waits()::opened);
    return new Suspension(rest.wake(), attempt.path());
  }

  /** This attempt leaves no row: once all can be read, it begins again. */
  private ParkedException parked(Attempt attempt, ParkedException why) {
    strand.leave(attempt);
    strand.forget(attempt.hide());
    return why;
  }

  /** Returns if the next attempt may begin at once. */
  private void failed(Task task, Attempt attempt, Throwable thrown) throws StepFailure, Suspension {
    boolean timedOut = thrown instanceof BodyCall.TimedOut;
    // What comes after the body's end is not the body's fault, but another attempt would bring
    // the same value.
    boolean retryable =
        timedOut
            || !attempt.isOver()
            || thrown instanceof RolledBackException
            || thrown instanceof BodyFailedException;
    if (timedOut) {
      attempt.forgetTentative(run.waits());
    } else {
      strand.leave(attempt);
    }
    Throwable failure = failure(thrown);
    List<Throwable> broken = new ArrayList<>();
    RetryPolicy policy = retryable ? task.retry : RetryPolicy.none();
    Duration wait = retryDelay(task.path, failure, policy, broken);
    ErrorInfo error = Failures.describe(failure, task.path, broken);
    StepRow row = attempt.end(run.history(), StepStatus.FAILED, null, InternalJson.write(error));
    RunLog.attemptFailed(run.claimed(), attempt, error, wait);
    if (wait == null) {
      strand.hold(row);
      strand.closeWaits(task.path, Set.of());
      throw new StepFailure(error);
    }
    if (!wait.isZero()) {
      strand.hold(row.wakingIn(wait));
      throw new Suspension(wait, task.path);
    }
    strand.commit(row.wakingIn(wait));
  }

  /** How long to wait before the next attempt; null if there will be none. */
  private @Nullable Duration retryDelay(
      String path, Throwable failure, RetryPolicy policy, List<Throwable> broken) {
    int failures = run.history().failures(path) + 1;
    // What the database has refused, it would refuse again.
    boolean refused = Causes.has(failure, RejectedEntryException.class);
    return !refused && policy.allows(failure, failures, broken::add)
        ? policy.delay(failure, failures, ThreadLocalRandom.current().nextDouble())
        : null;
  }

  /** What the failure of an attempt is to its user. */
  private static Throwable failure(Throwable thrown) {
    return switch (thrown) {
      case BodyCall.TimedOut timedOut -> timedOut.asFailure();
      case RolledBackException rolledBack -> causeOf(rolledBack);
      case BodyFailedException failed -> causeOf(failed);
      default -> thrown;
    };
  }

  private static Throwable causeOf(Exception wrapper) {
    return wrapper.getCause() == null ? wrapper : wrapper.getCause();
  }

  /**
   * A transaction was rolled back, and not by its body: it does not count as an attempt, and its
   * body runs again after a pause.
   */
  private void comeBack(Attempt attempt, Duration pause) throws StepFailure, Suspension {
    strand.end(attempt);
    if (!attempt.staysHidden() && attempt.isOpened()) {
      ErrorInfo lost =
          ErrorInfo.of(ErrorInfo.WORKER_LOST, "The transaction was rolled back.", attempt.path());
      strand.commit(attempt.end(run.history(), StepStatus.FAILED, null, InternalJson.write(lost)));
    }
    long until = System.nanoTime() + pause.toNanos();
    for (long left = pause.toNanos(); left > 0; left = until - System.nanoTime()) {
      if (strand.isStopped()) {
        throw strand.stoppedError();
      }
      if (run.isDraining()) {
        throw new Suspension(Duration.ofNanos(left), attempt.path());
      }
      rest(Math.min(left, LOOK_AGAIN_NANOS));
    }
  }

  private static void rest(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException woken) {
      // Whether the run is over is looked up next.
    }
  }

  /** Commits the mark that the body is about to run; refuses if an earlier mark has no end. */
  private void markAtMostOnce(Attempt attempt) throws StepFailure {
    if (run.history().isLost(attempt.path())) {
      throw new StepFailure(
          ErrorInfo.of(
              ErrorInfo.WORKER_LOST,
              "Its worker was lost while the body of this at-most-once step may have run. Find"
                  + " out whether it took effect; a retry would run it again.",
              attempt.path()));
    }
    Attempt.Showing mark = attempt.show(run.history());
    if (mark != null) {
      boolean stored = false;
      try {
        strand.commit(mark.row());
        stored = true;
      } finally {
        mark.stored().complete(stored);
      }
    }
  }

  private BodyContext context(Attempt attempt) {
    return new BodyContext(strand, attempt);
  }

  private JsonValue completed(Attempt attempt, TypeRef<?> type, @Nullable Object result) {
    return held(attempt, run.services().results().encode(attempt.path(), type, result));
  }

  private JsonValue held(Attempt attempt, JsonValue data) {
    strand.hold(row(attempt, data));
    return data;
  }

  private StepRow row(Attempt attempt, JsonValue data) {
    return attempt.end(run.history(), StepStatus.COMPLETED, data.json(), null);
  }

  /** The data that a body gets. */
  Object read(String path, JsonValue data, TypeRef<?> type) throws ParkedException {
    try {
      return StepValues.orVoid(data.as(type, run.services().payloads()));
    } catch (JsonException unreadable) {
      throw new ParkedException(
          StepValues.unreadable("What step '" + path + "' gets", path, unreadable));
    }
  }

  @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
  static StepBody<Object, Object, Object> unchecked(StepBody<?, ?, ?> body) {
    return (StepBody<Object, Object, Object>) body;
  }

  @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
  private static TransactionBody<Object, Object, Object> unchecked(TransactionBody<?, ?, ?> body) {
    return (TransactionBody<Object, Object, Object>) body;
  }
}
