package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.transaction.AttemptView;
import dev.durable.json.TypeRef;
import dev.durable.workflow.CompensationContext;
import dev.durable.workflow.EffectAction;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.TransactionEffect;
import dev.durable.workflow.TransactionEffectAction;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** The context that a compensation gets. */
final class UndoContext extends AttemptView<Object> implements CompensationContext<Object> {

  private final BodyEffects effects;
  private final ErrorInfo cause;

  /**
   * @param cause why the execution is undone
   */
  UndoContext(BodyContext body, ErrorInfo cause) {
    super(body);
    this.effects = body.effects();
    this.cause = cause;
  }

  @Override
  public ErrorInfo cause() {
    return cause;
  }

  @Override
  public <R> R run(
      String name,
      TypeRef<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    return effects.run(this, name, type, effect, with);
  }

  @Override
  public void run(String name, EffectAction effect, Consumer<? super EffectOptions<Void>> with)
      throws Exception {
    effects.run(this, name, effect, with);
  }

  @Override
  public <R> R transaction(
      String name,
      TypeRef<R> type,
      TransactionEffect<Object, ? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    return effects.transaction(this, name, type, effect, with);
  }

  @Override
  public void transaction(
      String name,
      TransactionEffectAction<Object> effect,
      Consumer<? super EffectOptions<Void>> with)
      throws Exception {
    effects.transaction(this, name, effect, with);
  }
}
