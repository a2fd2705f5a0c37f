package dev.durable.internal.engine.step;

import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.step.EffectTransaction.EffectInTransaction;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.transaction.BodyFailedException;
import dev.durable.internal.transaction.RolledBackException;
import java.time.Duration;

/**
 * Runs one attempt of an effect that is a transaction: again and again while the database rolls it
 * back, which counts as no attempt.
 */
final class EffectRepeats {

  private final BodyScope scope;
  private final RunState run;
  private final EffectTask task;
  private final Repeats repeats = new Repeats();

  EffectRepeats(BodyScope scope, EffectTask task) {
    this.scope = scope;
    this.run = scope.run();
    this.task = task;
  }

  /** Its result. It has been committed when this returns. */
  JsonValue run(EffectInTransaction work) throws Exception {
    while (true) {
      scope.requireWanted();
      try {
        return new EffectTransaction(scope, task, work).run();
      } catch (RolledBackException rolledBack) {
        Duration pause = repeats.next(rolledBack.reason());
        if (pause == null) {
          throw EffectCall.exception(AttemptFailures.failure(rolledBack));
        }
        repeats.log(run.id(), task.path(), rolledBack, pause);
        rest(pause);
      } catch (BodyFailedException failed) {
        throw EffectCall.exception(AttemptFailures.failure(failed));
      } catch (FencedException taken) {
        run.abandon(RunState.NOT_OURS);
        throw run.stoppedError(RunState.NOT_OURS);
      }
    }
  }

  /** A draining worker leaves the rest to another one, if the body may be entered again. */
  private void rest(Duration pause) {
    Duration left =
        AttemptFailures.rest(
            pause, scope::requireWanted, () -> run.isDraining() && !scope.attempt().isAtMostOnce());
    if (!left.isZero()) {
      throw scope.rests(left);
    }
  }
}
