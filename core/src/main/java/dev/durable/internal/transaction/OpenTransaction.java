package dev.durable.internal.transaction;

import dev.durable.json.TypeRef;
import dev.durable.question.Question;
import dev.durable.wait.AnyOf;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import dev.durable.wait.WaitOutcome;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;

/** A step's context with its open transaction. */
record OpenTransaction<I>(StepContext<I> step, Connection connection)
    implements TransactionContext<I> {

  @Override
  public ExecutionInfo execution() {
    return step.execution();
  }

  @Override
  public String path() {
    return step.path();
  }

  @Override
  public int attempt() {
    return step.attempt();
  }

  @Override
  public I input() {
    return step.input();
  }

  @Override
  public <R> R result(StepRef<R> ref) {
    return step.result(ref);
  }

  @Override
  public String idempotencyKey() {
    return step.idempotencyKey();
  }

  @Override
  public String idempotencyKey(String effect) {
    return step.idempotencyKey(effect);
  }

  @Override
  public <R> R run(String name, TypeRef<R> type, Callable<R> effect) throws Exception {
    return step.run(name, type, effect);
  }

  @Override
  public void sleep(String name, Duration time) {
    throw refused(name);
  }

  @Override
  public void sleepUntil(String name, Instant time) {
    throw refused(name);
  }

  @Override
  public <E> E await(String name, Event<E> event) {
    throw refused(name);
  }

  @Override
  public <E> WaitOutcome<E> await(String name, Event<E> event, Duration limit) {
    throw refused(name);
  }

  @Override
  public <R> R awaitAny(String name, Function<? super AnyOf.None, AnyOf<R>> events) {
    throw refused(name);
  }

  @Override
  public <R> WaitOutcome<R> awaitAny(
      String name, Duration limit, Function<? super AnyOf.None, AnyOf<R>> events) {
    throw refused(name);
  }

  @Override
  public Events awaitAll(String name, Event<?>... events) {
    throw refused(name);
  }

  @Override
  public WaitOutcome<Events> awaitAll(String name, Duration limit, Event<?>... events) {
    throw refused(name);
  }

  @Override
  public <A> A ask(String name, Question<A> question) {
    throw refused(name);
  }

  @Override
  public <A> WaitOutcome<A> ask(String name, Question<A> question, Duration limit) {
    throw refused(name);
  }

  @Override
  public <J, O> O call(
      String name, Workflow<J, O> child, J input, Consumer<? super ChildOptions> with) {
    throw refused(name);
  }

  @Override
  public <J, O> WaitOutcome<O> call(
      String name,
      Workflow<J, O> child,
      J input,
      Duration limit,
      Consumer<? super ChildOptions> with) {
    throw refused(name);
  }

  @Override
  public <J> UUID start(
      String name, Workflow<J, ?> child, J input, Consumer<? super ChildOptions> with) {
    throw refused(name);
  }

  private IllegalStateException refused(String name) {
    return new IllegalStateException(
        "Transaction '"
            + step.path()
            + "' cannot wait for '"
            + name
            + "', nor start it: its transaction would stay open. Do that in a step before or after"
            + " it.");
  }

  @Override
  public boolean isCancelled() {
    return step.isCancelled();
  }
}
