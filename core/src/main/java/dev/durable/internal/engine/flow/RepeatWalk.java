package dev.durable.internal.engine.flow;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.DueTime;
import dev.durable.internal.engine.run.Failures;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.Rounds;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.engine.step.StepRunner;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.text.NodePath;
import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.Node;
import dev.durable.workflow.RepeatSettings;
import dev.durable.workflow.StepFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks a repeat: round after round, until its condition is met or its limit is reached. One row
 * counts the rounds; the rows of a round are forgotten when the next one is over.
 */
final class RepeatWalk {

  private final Strand strand;
  private final RunState run;
  private final StepRunner steps;
  private final Round round;

  /** Walks one round. */
  interface Round {
    JsonValue walk(Node.Sequence sequence, NodePath where, JsonValue input)
        throws StepFailure, Suspension, ParkedException, Jump;
  }

  RepeatWalk(Strand strand, StepRunner steps, Round round) {
    this.strand = strand;
    this.run = strand.run();
    this.steps = steps;
    this.round = round;
  }

  JsonValue walk(Node.Repeat repeat, NodePath where, JsonValue input)
      throws StepFailure, Suspension, ParkedException, Jump {
    String path = where.text();
    run.history().attempts().refuseIfFailed(path);
    RepeatSettings rounds = repeat.rounds();
    Rounds.Round last = run.history().rounds().of(path);
    int number = last == null ? 0 : last.number();
    int seq = last == null || !last.open() ? -1 : last.seq();
    JsonValue data = last == null ? input : JsonValue.of(last.data());
    Duration rest = last == null ? Duration.ZERO : DueTime.until(last.dueAt());
    if (!rest.isZero()) {
      throw new Suspension(rest, path);
    }
    run.history().entries().enter(path, System.nanoTime());
    while (true) {
      try {
        data = round.walk(repeat.path(), where.part(number), data);
      } catch (Jump jump) {
        close(seq, path, number, data);
        throw jump;
      }
      strand.frontier();
      number++;
      boolean done = isDone(repeat, path, data);
      boolean opened = seq >= 0;
      seq = opened ? seq : run.history().nextSeq(path);
      strand.forget(forgotten(where, number - 2));
      if (done) {
        strand.hold(row(seq, path, number, StepStatus.COMPLETED, data, opened));
        return data;
      }
      if (rounds.limit().orElse(Integer.MAX_VALUE) <= number) {
        StepRow row = row(seq, path, number, StepStatus.FAILED, data, opened);
        throw limitReached(path, number, rounds.limit().orElseThrow(), row);
      }
      Duration pause = rounds.pauseAfter(number);
      strand.hold(row(seq, path, number, StepStatus.WAITING, data, opened).wakingIn(pause));
      if (!pause.isZero()) {
        throw new Suspension(pause, path);
      }
      strand.commit();
    }
  }

  /**
   * A decision of a round leaves the repeat: its row, if it has one, is closed with the decision.
   */
  private void close(int seq, String path, int number, JsonValue data) {
    if (seq >= 0) {
      strand.hold(row(seq, path, number, StepStatus.CANCELLED, data, true));
    }
  }

  /** Keeps the failure: a later walk must not begin another round. */
  private StepFailure limitReached(String path, int number, int limit, StepRow row) {
    ErrorInfo error =
        ErrorInfo.of(
            ErrorInfo.REPEAT_LIMIT,
            "'" + path + "' was not done after " + number + " rounds; its limit is " + limit + ".",
            path);
    strand.hold(row.because(InternalJson.write(error)));
    return new StepFailure(error);
  }

  private boolean isDone(Node.Repeat repeat, String path, JsonValue data)
      throws StepFailure, ParkedException {
    @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
    StepFunction<Object, Boolean> until = (StepFunction<Object, Boolean>) repeat.done();
    try {
      Boolean done = until.apply(steps.read(path, data.copy(), repeat.input()));
      if (done == null) {
        throw new NonRetryableException("The until(…) of '" + path + "' returned null.");
      }
      return done;
    } catch (ParkedException parked) {
      throw parked;
    } catch (Throwable failure) {
      List<Throwable> broken = new ArrayList<>();
      run.lasts(failure, path, broken::add);
      throw new StepFailure(Failures.describe(failure, path, broken));
    }
  }

  private List<Integer> forgotten(NodePath path, int number) {
    String round = path.part(number).text();
    if (number < 0 || run.history().undoable().areBelow(round)) {
      // To undo what a body of the round has done, that body looks back at the whole round.
      return List.of();
    }
    CompensationHandlers handlers = new CompensationHandlers(run.workflow());
    return run.history().forget(round, handlers::isNeeded);
  }

  private StepRow row(
      int seq, String path, int number, StepStatus status, JsonValue data, boolean opened) {
    Duration elapsed = run.history().entries().elapsed(path, System.nanoTime());
    return run.history()
        .entries()
        .since(
            new StepRow(
                seq, path, StepType.REPEAT, number, status, data.json(), null, elapsed, opened));
  }
}
