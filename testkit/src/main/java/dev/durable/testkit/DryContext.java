package dev.durable.testkit;

import dev.durable.internal.codec.StepValues;
import dev.durable.internal.text.NodePath;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.json.TypeRef;
import dev.durable.question.Question;
import dev.durable.wait.AnyOf;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import dev.durable.wait.WaitOutcome;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.CompensationAction;
import dev.durable.workflow.CompensationOptions;
import dev.durable.workflow.EachChildOptions;
import dev.durable.workflow.EachOptions;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.ForkOptions;
import dev.durable.workflow.ForkedBranches;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** What a body sees in a dry run. */
final class DryContext implements StepContext<Object>, DryEffectCalls {

  private final DryExecution run;
  private final DryAttempt attempt;
  private final DryCalls calls;
  private final DryEffects effects;
  private final DryWaits waits;
  private final DryUndos undos;
  private final DryBodyForks forks;

  DryContext(DryExecution run, DryAttempt attempt, boolean waitsOnly) {
    this(run, attempt, new DryCalls(run, attempt), waitsOnly);
  }

  private DryContext(DryExecution run, DryAttempt attempt, DryCalls calls, boolean waitsOnly) {
    this.run = run;
    this.attempt = attempt;
    this.calls = calls;
    this.undos = new DryUndos(calls);
    this.effects = new DryEffects(calls, undos, this);
    this.waits = new DryWaits(calls, waitsOnly);
    this.forks = new DryBodyForks(this);
  }

  DryExecution run() {
    return run;
  }

  DryCalls calls() {
    return calls;
  }

  DryAttempt current() {
    return attempt;
  }

  <T> T readable(String what, Supplier<T> reading) {
    return calls.readable(what, reading);
  }

  // ---- the run ----

  @Override
  public ExecutionInfo execution() {
    return run.info();
  }

  @Override
  public String path() {
    return attempt.path();
  }

  @Override
  public int attempt() {
    return attempt.number();
  }

  @Override
  public Object input() {
    return readable("The input", () -> decode(run.input(), run.workflow().input()));
  }

  @Override
  public <R> R result(StepRef<R> step) {
    Objects.requireNonNull(step, "step");
    String own = run.history().result(step.path());
    String json =
        own != null ? own : run.history().result(NodePath.beside(step.path(), attempt.path()));
    if (json == null) {
      throw new IllegalStateException(
          "Step '"
              + step.path()
              + "' of execution "
              + run.info().id()
              + " has no committed result. Only results of earlier steps can be read.");
    }
    return readable("The result of '" + step.path() + "'", () -> decode(json, step.type()));
  }

  private <T> T decode(String json, TypeRef<T> type) {
    return StepValues.orVoid(run.payloads().decode(json, type));
  }

  @Override
  public String idempotencyKey() {
    calls.requireNotPast("its idempotency key");
    return run.info().id() + "/" + calls.keyPath();
  }

  @Override
  public boolean isCancelled() {
    return !attempt.isWanted();
  }

  @Override
  public DryEffects effects() {
    return effects;
  }

  // ---- waits ----

  @Override
  public void sleep(String name, Duration time) {
    waits.sleep(name, time);
  }

  @Override
  public void sleepUntil(String name, Instant time) {
    waits.sleepUntil(name, time);
  }

  @Override
  public <E> E await(String name, Event<E> event) {
    return waits.await(name, event, null).orElseThrow();
  }

  @Override
  public <E> WaitOutcome<E> await(String name, Event<E> event, Duration limit) {
    return waits.await(name, event, Objects.requireNonNull(limit, "limit"));
  }

  @Override
  public <R> R awaitAny(String name, Function<? super AnyOf.None, AnyOf<R>> several) {
    AnyOf<R> any = AnyOf.of(several);
    return any.meaning(waits.await(name, false, any.events(), null).orElseThrow());
  }

  @Override
  public <R> WaitOutcome<R> awaitAny(
      String name, Duration limit, Function<? super AnyOf.None, AnyOf<R>> several) {
    AnyOf<R> any = AnyOf.of(several);
    Objects.requireNonNull(limit, "limit");
    return switch (waits.await(name, false, any.events(), limit)) {
      case WaitOutcome.Received<Events>(Events came) ->
          new WaitOutcome.Received<>(any.meaning(came));
      case WaitOutcome.TimedOut<Events>(String what) -> new WaitOutcome.TimedOut<>(what);
      case WaitOutcome.Cancelled<Events>(String what) -> new WaitOutcome.Cancelled<>(what);
    };
  }

  @Override
  public Events awaitAll(String name, Event<?>... several) {
    return waits.await(name, true, List.of(several), null).orElseThrow();
  }

  @Override
  public WaitOutcome<Events> awaitAll(String name, Duration limit, Event<?>... several) {
    return waits.await(name, true, List.of(several), Objects.requireNonNull(limit, "limit"));
  }

  @Override
  public <A> A ask(String name, Question<A> question) {
    return waits.ask(name, question, null).orElseThrow();
  }

  @Override
  public <A> WaitOutcome<A> ask(String name, Question<A> question, Duration limit) {
    return waits.ask(name, question, Objects.requireNonNull(limit, "limit"));
  }

  // ---- children ----

  @Override
  public <J, X> X call(
      String name, Workflow<J, X> child, J input, Consumer<? super ChildOptions> with) {
    Objects.requireNonNull(child, "child");
    return waits.call(name, child, input, null, ChildOptions.of(with)).orElseThrow();
  }

  @Override
  public <J, X> WaitOutcome<X> call(
      String name,
      Workflow<J, X> child,
      J input,
      Duration limit,
      Consumer<? super ChildOptions> with) {
    Objects.requireNonNull(limit, "limit");
    Objects.requireNonNull(child, "child");
    return waits.call(name, child, input, limit, ChildOptions.of(with));
  }

  @Override
  public <J> UUID start(
      String name, Workflow<J, ?> child, J input, Consumer<? super ChildOptions> with) {
    Objects.requireNonNull(child, "child");
    return waits.start(name, child, input, ChildOptions.of(with));
  }

  /** Calls a child for an item, and waits for its result. */
  <J, X> X call(Workflow<J, X> child, J input, ChildOptions options) {
    return waits.call(child.name(), child, input, null, options).orElseThrow();
  }

  @Override
  public <J, X> ItemResults<X> callEach(
      String name,
      Workflow<J, X> child,
      List<? extends J> items,
      Consumer<? super EachChildOptions> with) {
    return forks.callEach(name, child, items, with);
  }

  // ---- parts at once ----

  @Override
  public ForkedBranches<Object> parallel(String name, Consumer<? super ForkOptions> with) {
    return forks.parallel(name, with);
  }

  @Override
  public <E, R> ItemResults<R> forEach(
      String name,
      TypeRef<R> type,
      List<? extends E> items,
      StepBody<Object, ? super E, ? extends R> body,
      Consumer<? super EachOptions> with)
      throws Exception {
    return forks.forEach(name, type, items, body, with);
  }

  /**
   * @throws IllegalStateException if the body has not joined all its branches
   */
  void requireJoined() {
    forks.requireJoined();
  }

  /** The context of a branch or an item of this body. */
  DryContext part(DryAttempt part) {
    return new DryContext(run, part, calls.part(part), false);
  }

  /** The code of a part. */
  interface Code {
    void run() throws Exception;
  }

  /** Runs the code of this part. */
  void here(Code code) throws Exception {
    calls.asPart(
        () ->
            CurrentContext.HERE.with(
                this,
                () -> {
                  code.run();
                  return path();
                }));
  }

  /** How a part ended, with what it returned. */
  <R> BranchOutcome<R> outcome(String place, DryPart part, TypeRef<R> type) {
    return new DryJoin(run, this, place).outcome(place, part, type);
  }

  // ---- progress ----

  @Override
  public void progress(Object value) {
    Objects.requireNonNull(value, "value");
    calls.requireCalls("its progress");
    if (!attempt.isCollecting()) {
      run.history().progress(progressPath(), run.payloads().encode(progressName(), value));
    }
  }

  @Override
  public <P> Optional<P> progress(TypeRef<P> type) {
    Objects.requireNonNull(type, "type");
    calls.requireCalls("its progress");
    String json = run.history().result(progressPath());
    return json == null || attempt.isCollecting()
        ? Optional.empty()
        : Optional.of(readable("The " + progressName(), () -> decode(json, type)));
  }

  private String progressPath() {
    return new NodePath(path()).progress().text();
  }

  private String progressName() {
    return "progress of '" + path() + "'";
  }

  // ---- undoing ----

  @Override
  public void onCompensate(
      String name, CompensationAction undo, Consumer<? super CompensationOptions> with) {
    undos.onCompensate(name, undo, with);
  }
}
