package dev.durable.internal.engine.step;

import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.transaction.TransactionAttempt;
import dev.durable.json.TypeRef;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An attempt of a transactional step, as the runner of its transaction sees it. */
final class TransactionCall implements TransactionAttempt<Object> {

  private final Strand strand;
  private final RunState run;
  private final Attempt attempt;
  private final TypeRef<?> type;
  private @Nullable JsonValue done;

  /**
   * @param type the type of the body's result
   */
  TransactionCall(Strand strand, Attempt attempt, TypeRef<?> type) {
    this.strand = strand;
    this.run = strand.run();
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
    return new Entry(
        run.owner(), List.of(attempt.end(run.history(), StepStatus.COMPLETED, data.json(), null)));
  }

  @Override
  public void interruptsBy(Runnable interruption) {
    attempt.interruptsBy(interruption);
  }

  /** The result, which has been committed without the journal. */
  JsonValue committed() {
    JsonValue data = Objects.requireNonNull(done);
    run.history().completed(attempt.path(), data.json());
    return data;
  }
}
