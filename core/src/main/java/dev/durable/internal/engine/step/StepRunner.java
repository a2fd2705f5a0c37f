package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.Into;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.TransactionBody;
import org.jspecify.annotations.Nullable;

/**
 * Runs the user's functions that a strand comes to: bodies of steps, decisions, transactions and
 * compensations, selectors and joins. A result is held by the strand and handed on; a function
 * without a result ends or suspends the walk.
 */
public final class StepRunner {

  private final Strand strand;
  private final RunState run;
  private final AttemptLoop attempts;

  public StepRunner(Strand strand) {
    this.strand = strand;
    this.run = strand.run();
    this.attempts = new AttemptLoop(strand);
  }

  /** A user's function that is not a step's body. */
  public interface Function {
    @Nullable Object of(BodyContext context) throws Exception;
  }

  /** Encodes the value that a function has made. */
  public interface Encoding {
    JsonValue of(@Nullable Object made);
  }

  /** Runs a step. */
  public JsonValue run(Node.Step step, String path, JsonValue input)
      throws StepFailure, Suspension, ParkedException {
    StepBody<Object, Object, Object> body = unchecked(step.body());
    boolean waitsOnly = step.purpose() != Node.Purpose.WORK;
    return attempts.run(
        StepTask.of(StepType.STEP, path, step.settings()),
        attempt -> {
          BodyContext context = new BodyContext(strand, attempt, input.json(), waitsOnly);
          Object data = read(path, input, step.input());
          Object result = CurrentContext.HERE.with(context, () -> body.run(data, context));
          context.requireJoined();
          strand.end(attempt);
          return held(attempt, run.services().results().encode(path, step.output(), result));
        },
        handler(step, path, input));
  }

  /** Runs a decision; its result says where the walk continues. */
  public JsonValue run(Node.Decide decide, String path, JsonValue input)
      throws StepFailure, Suspension, ParkedException {
    StepBody<Object, Object, Object> body = unchecked(decide.body());
    return attempts.run(
        StepTask.of(StepType.DECISION, path, decide.settings()),
        attempt -> {
          Object data = read(path, input, decide.input());
          BodyContext context = context(attempt);
          Object decision = CurrentContext.HERE.with(context, () -> body.run(data, context));
          context.requireJoined();
          strand.end(attempt);
          return held(
              attempt, DecisionRow.encode(decide, path, decision, run.services().results()));
        });
  }

  /** Runs a transactional step. Its row has been committed when this returns. */
  public JsonValue run(Node.Transaction step, String path, JsonValue input)
      throws StepFailure, Suspension, ParkedException {
    TransactionBody<Object, Object, Object> body = unchecked(step.body());
    return attempts.run(
        StepTask.of(StepType.TRANSACTION, path, step.settings()),
        attempt -> {
          Object data = read(path, input, step.input());
          BodyContext context = context(attempt);
          TransactionCall call = new TransactionCall(strand, attempt, step.output());
          run.services()
              .transactions()
              .run(
                  (value, tx) -> {
                    // Getting a connection may have taken long.
                    context.requireWanted();
                    return body.run(value, tx);
                  },
                  data,
                  context,
                  call);
          return call.committed();
        },
        handler(step, path, input));
  }

  /** Makes a node's result of its failure; null if the node does not. */
  private AttemptLoop.@Nullable Handler handler(Node node, String path, JsonValue input) {
    @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
    Into<Object, ErrorInfo, Object> instead =
        (Into<Object, ErrorInfo, Object>) node.settings().onFailure();
    if (instead == null) {
      return null;
    }
    return (attempt, failure) -> {
      BodyContext context = context(attempt);
      Object data = read(path, input, node.input());
      Object result;
      try {
        result = CurrentContext.HERE.with(context, () -> instead.into(data, failure));
      } catch (Exception thrown) {
        throw because(thrown, failure);
      }
      strand.end(attempt);
      JsonValue made = run.services().results().encode(path, node.output(), result);
      String reason = InternalJson.write(failure);
      strand.hold(attempt.end(run.history(), StepStatus.COMPLETED, made.json(), reason));
      return made;
    };
  }

  /** The failure of a handler with the failure that it was to handle. */
  private static Exception because(Exception thrown, ErrorInfo handled) {
    thrown.addSuppressed(
        new IllegalStateException("It was to handle " + handled.type() + ": " + handled.message()));
    return thrown;
  }

  /**
   * Runs a compensation.
   *
   * @param undone the path of the step that it undoes
   * @param cause why the execution is undone
   */
  public void undo(
      Compensation<?> undo,
      String undone,
      String path,
      TypeRef<?> type,
      JsonValue result,
      ErrorInfo cause)
      throws StepFailure, Suspension, ParkedException {
    @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
    Compensation<Object> compensation = (Compensation<Object>) undo;
    attempts.run(
        StepTask.undoing(undo, undone, path),
        attempt -> {
          Object done = read(path, result, type);
          UndoContext context = new UndoContext(context(attempt), cause);
          CurrentContext.HERE.with(
              context,
              () -> {
                compensation.body().undo(done, context);
                return done;
              });
          strand.end(attempt);
          return held(attempt, JsonValue.of("null"));
        });
  }

  /** Runs a function once, and stores its result in a row of its own. Not retried. */
  public JsonValue evaluate(StepType type, String path, TypeRef<?> result, Function work)
      throws StepFailure, Suspension, ParkedException {
    return evaluate(type, path, work, made -> run.services().results().encode(path, result, made));
  }

  /**
   * The same for a function that does not make a user's value.
   *
   * @param stored encodes the value that it makes
   */
  public JsonValue evaluate(StepType type, String path, Function work, Encoding stored)
      throws StepFailure, Suspension, ParkedException {
    String committed = run.history().result(path);
    if (committed != null) {
      return JsonValue.of(committed);
    }
    return attempts.run(
        StepTask.once(type, path),
        attempt -> {
          BodyContext context = context(attempt);
          Object value = CurrentContext.HERE.with(context, () -> work.of(context));
          strand.end(attempt);
          return held(attempt, stored.of(value));
        });
  }

  private BodyContext context(Attempt attempt) {
    return new BodyContext(strand, attempt);
  }

  private JsonValue held(Attempt attempt, JsonValue data) {
    strand.hold(attempt.end(run.history(), StepStatus.COMPLETED, data.json(), null));
    return data;
  }

  /**
   * The data that a body gets.
   *
   * @throws ParkedException if it cannot be read
   */
  public Object read(String path, JsonValue data, TypeRef<?> type) throws ParkedException {
    try {
      return StepValues.orVoid(data.as(type, run.services().payloads()));
    } catch (JsonException unreadable) {
      throw new ParkedException(
          StepValues.unreadable("What step '" + path + "' gets", path, unreadable));
    }
  }

  @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
  public static StepBody<Object, Object, Object> unchecked(StepBody<?, ?, ?> body) {
    return (StepBody<Object, Object, Object>) body;
  }

  @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
  private static TransactionBody<Object, Object, Object> unchecked(TransactionBody<?, ?, ?> body) {
    return (TransactionBody<Object, Object, Object>) body;
  }
}
