package dev.durable.internal.engine.step;

import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.transaction.TransactionAttempt;
import dev.durable.json.TypeRef;
import dev.durable.workflow.TransactionEffect;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One transaction of an effect, as the runner of transactions sees it. */
final class EffectTransaction implements TransactionAttempt<Object> {

  private final BodyScope scope;
  private final RunState run;
  private final EffectTask task;
  private final EffectInTransaction work;
  private final EffectCall call;
  private final EffectScope effect;
  private final long beganAt = System.nanoTime();

  /** Completed when the outcome of the commit is known, or will not be known here. */
  private final CompletableFuture<Void> fate = new CompletableFuture<>();

  private @Nullable StepRow row;

  EffectTransaction(BodyScope scope, EffectTask task, EffectInTransaction work) {
    this.scope = scope;
    this.run = scope.run();
    this.task = task;
    this.work = work;
    this.call = new EffectCall(scope, task);
    this.effect = call.effect();
  }

  /**
   * An effect that is to run in a transaction.
   *
   * @param type the type of its result
   * @param code its code
   */
  record EffectInTransaction(TypeRef<?> type, TransactionEffect<Object, ?> code) {}

  /** The result, which has been committed together with the effect's SQL. */
  JsonValue run() throws Exception {
    return call.call(this::runHere);
  }

  private JsonValue runHere() throws Exception {
    boolean committed = false;
    boolean known = true;
    try {
      run.services()
          .transactions()
          .<Object, EffectInTransaction, Object>run(
              (code, tx) -> {
                // Getting a connection may have taken long.
                requireWanted();
                return code.code().run(tx);
              },
              work,
              task.context(),
              this);
      committed = true;
    } catch (StoppedError | FencedException unknown) {
      known = false;
      throw unknown;
    } finally {
      StepRow written = row;
      if (written != null && known) {
        run.history().decided(List.of(written), committed);
      }
      fate.complete(null);
    }
    return JsonValue.of(Objects.requireNonNull(Objects.requireNonNull(row).output()));
  }

  /** Once its commit has begun, only the end of the strand ends the wait for its fate. */
  @Override
  public void requireWanted() {
    scope.requireRunning();
    if (!effect.isSettled()) {
      scope.requireWanted();
      if (effect.isOver()) {
        throw run.stoppedError("effect '" + task.path() + "' is out of time");
      }
    }
  }

  @Override
  public Entry checkpoint(Object result) {
    JsonValue data = run.services().results().encode(task.path(), work.type(), result);
    if (!effect.settles()) {
      throw run.stoppedError("effect '" + task.path() + "' is out of time");
    }
    StepRow done = task.row(run.history(), StepStatus.COMPLETED, data.json(), null, beganAt);
    scope
        .attempt()
        .offer(
            () -> {
              run.history().offered(List.of(done));
              row = done;
              return fate;
            });
    return new Entry(run.owner(), List.of(done));
  }

  @Override
  public void interruptsBy(Runnable interruption) {
    effect.interruptsBy(interruption);
  }
}
