package dev.durable.internal.engine.step;

import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.ParkedError;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.Strand;
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
import org.jspecify.annotations.Nullable;

/**
 * The context that a body gets: reads its run, and hands each kind of call to a class of its own.
 */
public final class BodyContext implements PartContext {

  private final BodyScope scope;
  private final RunState run;
  private final Attempt attempt;
  private final CommittedValues values;
  private final BodyUndos undos;
  private final BodyEffects effects;
  private final BodyProgress progress;
  private final BodyEvents events;
  private final BodyQuestions questions;
  private final BodyChildren children;
  private final BodyForks forks;

  BodyContext(Strand strand, Attempt attempt) {
    this(strand, attempt, null, false);
  }

  /**
   * @param input what the body got, as JSON; null if it is not a step's
   * @param waitsOnly whether the body does nothing but wait
   */
  BodyContext(Strand strand, Attempt attempt, @Nullable String input, boolean waitsOnly) {
    this(new BodyScope(strand, attempt, input), waitsOnly);
  }

  /** The context of a part of a body. */
  private BodyContext(BodyScope part) {
    this(part, false);
  }

  private BodyContext(BodyScope scope, boolean waitsOnly) {
    this.scope = scope;
    this.run = scope.run();
    this.attempt = scope.attempt();
    BodyWaits waits = new BodyWaits(scope, waitsOnly);
    this.values = new CommittedValues(scope);
    this.undos = new BodyUndos(scope);
    this.effects = new BodyEffects(scope, undos);
    this.progress = new BodyProgress(scope);
    this.events = new BodyEvents(scope, waits);
    this.questions = new BodyQuestions(scope, waits);
    this.children = new BodyChildren(scope, waits);
    this.forks = new BodyForks(scope);
  }

  @Override
  public PartContext part(BodyScope part) {
    return new BodyContext(part);
  }

  @Override
  public BodyScope scope() {
    return scope;
  }

  // ---- the run ----

  @Override
  public ExecutionInfo execution() {
    return new ExecutionInfo(
        run.id(),
        run.claimed().workflow(),
        run.claimed().version(),
        run.claimed().key(),
        run.claimed().queue(),
        run.claimed().tags(),
        run.claimed().schedule(),
        run.claimed().scheduledFor());
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
    return values.input();
  }

  @Override
  public <R> R result(StepRef<R> step) {
    return values.result(step);
  }

  /**
   * A stored value.
   *
   * @param what names the value, for the reason
   * @throws ParkedError if it cannot be read
   */
  public <T> T readable(String what, Supplier<T> reading) {
    return scope.readable(what, reading);
  }

  @Override
  public boolean isCancelled() {
    return scope.isCancelled();
  }

  /**
   * @throws StoppedError if the body's work is no longer needed
   */
  void requireWanted() {
    scope.requireWanted();
  }

  @Override
  public <R> BranchOutcome<R> outcome(String place, BranchResult part, TypeRef<R> type) {
    return switch (part) {
      case BranchResult.Done(JsonValue data) ->
          new BranchOutcome.Completed<>(
              readable("The result of '" + place + "'", () -> scope.decode(data.json(), type)));
      case BranchResult.Failed failed -> new BranchOutcome.Failed<>(failed.error());
      case BranchResult.Stopped stopped -> new BranchOutcome.Cancelled<>();
    };
  }

  // ---- effects ----

  @Override
  public BodyEffects effects() {
    return effects;
  }

  @Override
  public String idempotencyKey() {
    return effects.idempotencyKey();
  }

  @Override
  public void onCompensate(
      String name, CompensationAction undo, Consumer<? super CompensationOptions> with) {
    undos.onCompensate(name, undo, with);
  }

  // ---- progress ----

  @Override
  public void progress(Object value) {
    progress.save(value);
  }

  @Override
  public <P> Optional<P> progress(TypeRef<P> type) {
    return progress.last(type);
  }

  // ---- waits ----

  @Override
  public void sleep(String name, Duration time) {
    events.sleep(name, time);
  }

  @Override
  public void sleepUntil(String name, Instant time) {
    events.sleepUntil(name, time);
  }

  @Override
  public <E> E await(String name, Event<E> event) {
    return events.await(name, event, null).orElseThrow();
  }

  @Override
  public <E> WaitOutcome<E> await(String name, Event<E> event, Duration limit) {
    return events.await(name, event, Objects.requireNonNull(limit, "limit"));
  }

  @Override
  public <R> R awaitAny(String name, Function<? super AnyOf.None, AnyOf<R>> several) {
    AnyOf<R> any = AnyOf.of(several);
    return any.meaning(events.await(name, false, any.events(), null).orElseThrow());
  }

  @Override
  public <R> WaitOutcome<R> awaitAny(
      String name, Duration limit, Function<? super AnyOf.None, AnyOf<R>> several) {
    AnyOf<R> any = AnyOf.of(several);
    return switch (events.await(
        name, false, any.events(), Objects.requireNonNull(limit, "limit"))) {
      case WaitOutcome.Received<Events>(Events came) ->
          new WaitOutcome.Received<>(any.meaning(came));
      case WaitOutcome.TimedOut<Events>(String what) -> new WaitOutcome.TimedOut<>(what);
      case WaitOutcome.Cancelled<Events>(String what) -> new WaitOutcome.Cancelled<>(what);
    };
  }

  @Override
  public Events awaitAll(String name, Event<?>... several) {
    return events.await(name, true, given(several), null).orElseThrow();
  }

  @Override
  public WaitOutcome<Events> awaitAll(String name, Duration limit, Event<?>... several) {
    return events.await(name, true, given(several), Objects.requireNonNull(limit, "limit"));
  }

  private static List<Event<?>> given(Event<?>... several) {
    Objects.requireNonNull(several, "events");
    for (Event<?> event : several) {
      Objects.requireNonNull(event, "event");
    }
    return List.of(several);
  }

  @Override
  public <A> A ask(String name, Question<A> question) {
    return questions.ask(name, question, null).orElseThrow();
  }

  @Override
  public <A> WaitOutcome<A> ask(String name, Question<A> question, Duration limit) {
    return questions.ask(name, question, Objects.requireNonNull(limit, "limit"));
  }

  // ---- children ----

  @Override
  public <J, O> O call(
      String name, Workflow<J, O> child, J input, Consumer<? super ChildOptions> with) {
    return children.call(name, child, input, null, with).orElseThrow();
  }

  @Override
  public <J, O> WaitOutcome<O> call(
      String name,
      Workflow<J, O> child,
      J input,
      Duration limit,
      Consumer<? super ChildOptions> with) {
    return children.call(name, child, input, Objects.requireNonNull(limit, "limit"), with);
  }

  @Override
  public <J> UUID start(
      String name, Workflow<J, ?> child, J input, Consumer<? super ChildOptions> with) {
    return children.start(name, child, input, with);
  }

  @Override
  public <J, O> O call(Workflow<J, O> child, J input, ChildOptions options) {
    return children.call(child, input, options);
  }

  @Override
  public <J, X> ItemResults<X> callEach(
      String name,
      Workflow<J, X> child,
      List<? extends J> items,
      Consumer<? super EachChildOptions> with) {
    return forks.callEach(this, name, child, items, with);
  }

  // ---- parts at once ----

  @Override
  public ForkedBranches<Object> parallel(String name, Consumer<? super ForkOptions> with) {
    return forks.parallel(this, name, with);
  }

  @Override
  public <E, R> ItemResults<R> forEach(
      String name,
      TypeRef<R> type,
      List<? extends E> items,
      StepBody<Object, ? super E, ? extends R> body,
      Consumer<? super EachOptions> with)
      throws Exception {
    return forks.forEach(this, name, type, items, body, with);
  }

  @Override
  public void requireJoined() {
    forks.requireJoined();
  }
}
