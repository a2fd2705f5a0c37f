package dev.durable.workflow;

import dev.durable.json.TypeRef;
import dev.durable.question.Question;
import dev.durable.wait.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link Workflow} from top to bottom: each node gets what the one before handed on, and
 * the compiler checks that they fit. Every node is {@code (name, [type], what, [into], [with])}:
 *
 * <ul>
 *   <li>{@code type} is written where Java cannot know what the node hands on,
 *   <li>{@code into} puts what came of the node into the data: {@code Order::withPayment},
 *   <li>{@code with} fills in the node's options, and comes last.
 * </ul>
 *
 * <p>Every method returns a builder to go on with; an earlier builder stays as it was, so a common
 * beginning can be shared. Immutable.
 *
 * @param <I> the workflow's input
 * @param <T> what the last node so far hands on
 */
public final class WorkflowBuilder<I, T>
    implements StepNodes<I, T>, WaitNodes<I, T>, ChildNodes<I, T>, ControlNodes<I, T> {

  final WorkflowHeader<I> header;
  final TypeRef<T> output;
  final List<Node> nodes;

  WorkflowBuilder(WorkflowHeader<I> header, TypeRef<T> output, List<Node> nodes) {
    this.header = header;
    this.output = output;
    this.nodes = nodes;
  }

  // ---- work ----

  @Override
  public WorkflowBuilder<I, T> step(
      String name,
      StepBody<I, ? super T, ? extends T> body,
      Consumer<? super StepOptions<T, T>> with) {
    return step(name, output, body, with);
  }

  @Override
  public <R> WorkflowBuilder<I, R> step(
      String name,
      TypeRef<R> type,
      StepBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<T, R>> with) {
    return append(workingStep(name, type, body, with), type);
  }

  /** A step of what the last node hands on. */
  <R> Node.Step workingStep(
      String name,
      TypeRef<R> type,
      StepBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<T, R>> with) {
    return new Node.Step(
        Objects.requireNonNull(name, "name"),
        output,
        Objects.requireNonNull(type, "type"),
        StepOptions.of(with).settings(header.settings().retry()),
        Objects.requireNonNull(body, "body"));
  }

  @Override
  public WorkflowBuilder<I, T> transaction(
      String name,
      TransactionBody<I, ? super T, ? extends T> body,
      Consumer<? super TransactionOptions<T, T>> with) {
    return transaction(name, output, body, with);
  }

  @Override
  public <R> WorkflowBuilder<I, R> transaction(
      String name,
      TypeRef<R> type,
      TransactionBody<I, ? super T, ? extends R> body,
      Consumer<? super TransactionOptions<T, R>> with) {
    return append(
        new Node.Transaction(
            Objects.requireNonNull(name, "name"),
            output,
            Objects.requireNonNull(type, "type"),
            TransactionOptions.of(with).settings(header.settings().retry()),
            Objects.requireNonNull(body, "body")),
        type);
  }

  // ---- waits ----

  @Override
  public WorkflowBuilder<I, T> sleep(String name, StepFunction<? super T, Duration> time) {
    Objects.requireNonNull(time, "time");
    return waiting(
        name,
        output,
        Node.Purpose.SLEEP,
        Subject.NONE,
        null,
        (data, step) -> {
          step.sleep(name, time.apply(data));
          return data;
        });
  }

  @Override
  public WorkflowBuilder<I, T> sleepUntil(String name, StepFunction<? super T, Instant> time) {
    Objects.requireNonNull(time, "time");
    return waiting(
        name,
        output,
        Node.Purpose.SLEEP,
        Subject.NONE,
        null,
        (data, step) -> {
          step.sleepUntil(name, time.apply(data));
          return data;
        });
  }

  @Override
  public <E> WorkflowBuilder<I, T> await(
      String name,
      Event<E> event,
      Into<? super T, ? super E, ? extends T> into,
      Consumer<? super AwaitOptions<T, T>> with) {
    return await(name, output, event, into, with);
  }

  @Override
  public <E, O> WorkflowBuilder<I, O> await(
      String name,
      TypeRef<O> type,
      Event<E> event,
      Into<? super T, ? super E, ? extends O> into,
      Consumer<? super AwaitOptions<T, O>> with) {
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(into, "into");
    AwaitOptions<T, O> options = AwaitOptions.of(with);
    return waiting(
        name,
        type,
        Node.Purpose.EVENT,
        Subject.of("", List.of(event)),
        options,
        (data, step) ->
            options.handOn(
                data,
                () -> step.await(name, event),
                limit -> step.await(name, event, limit),
                into));
  }

  @Override
  public WorkflowBuilder<I, T> awaitAny(
      String name,
      Consumer<? super OnEvents<T, T>> events,
      Consumer<? super AwaitOptions<T, T>> with) {
    return awaitAny(name, output, events, with);
  }

  @Override
  public <O> WorkflowBuilder<I, O> awaitAny(
      String name,
      TypeRef<O> type,
      Consumer<? super OnEvents<T, O>> events,
      Consumer<? super AwaitOptions<T, O>> with) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    AwaitOptions<T, O> options = AwaitOptions.of(with);
    OnEvents<T, O> any = OnEvents.of(events);
    return waiting(
        name,
        type,
        Node.Purpose.EVENT,
        Subject.of("any of ", any.events()),
        options,
        (data, step) ->
            options.handOn(
                data,
                () -> step.awaitAny(name, any.first()),
                limit -> step.awaitAny(name, limit, any.first()),
                (same, came) -> came.handOn(same)));
  }

  @Override
  public WorkflowBuilder<I, T> awaitAll(
      String name,
      Consumer<? super OnEvents<T, T>> events,
      Consumer<? super AwaitOptions<T, T>> with) {
    Objects.requireNonNull(name, "name");
    AwaitOptions<T, T> options = AwaitOptions.of(with);
    OnEvents<T, T> all = OnEvents.of(events);
    Event<?>[] several = all.events().toArray(new Event<?>[0]);
    return waiting(
        name,
        output,
        Node.Purpose.EVENT,
        Subject.of("all of ", all.events()),
        options,
        (data, step) ->
            options.handOn(
                data,
                () -> step.awaitAll(name, several),
                limit -> step.awaitAll(name, limit, several),
                (same, came) -> OnEvents.all(all, same, came)));
  }

  @Override
  public <A> WorkflowBuilder<I, T> ask(
      String name,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, ? super A, ? extends T> into,
      Consumer<? super AwaitOptions<T, T>> with) {
    return ask(name, output, question, into, with);
  }

  @Override
  public <A, O> WorkflowBuilder<I, O> ask(
      String name,
      TypeRef<O> type,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, ? super A, ? extends O> into,
      Consumer<? super AwaitOptions<T, O>> with) {
    Objects.requireNonNull(question, "question");
    Objects.requireNonNull(into, "into");
    AwaitOptions<T, O> options = AwaitOptions.of(with);
    return waiting(
        name,
        type,
        Node.Purpose.INPUT,
        Subject.NONE,
        options,
        (data, step) -> {
          Question<A> asked = question.apply(data);
          return options.handOn(
              data, () -> step.ask(name, asked), limit -> step.ask(name, asked, limit), into);
        });
  }

  // ---- children ----

  @Override
  public <J, X> WorkflowBuilder<I, T> call(
      String name,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends J> input,
      Into<? super T, ? super X, ? extends T> into,
      Consumer<? super CallOptions<T, T>> with) {
    return call(name, output, child, input, into, with);
  }

  @Override
  public <J, X, O> WorkflowBuilder<I, O> call(
      String name,
      TypeRef<O> type,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends J> input,
      Into<? super T, ? super X, ? extends O> into,
      Consumer<? super CallOptions<T, O>> with) {
    Objects.requireNonNull(child, "child");
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(into, "into");
    CallOptions<T, O> options = CallOptions.of(with);
    return waiting(
        name,
        type,
        Node.Purpose.CHILD,
        Subject.of("workflow '" + child.name() + "'").getting("result", child.output()),
        options,
        (data, step) -> {
          J given = input.apply(data);
          Consumer<ChildOptions> of = options.child(data);
          return options.handOn(
              data,
              () -> step.call(name, child, given, of),
              limit -> step.call(name, child, given, limit, of),
              into);
        });
  }

  @Override
  public <J, X> WorkflowBuilder<I, T> callEach(
      String name,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends List<? extends J>> inputs,
      Into<? super T, ItemResults<X>, ? extends T> into,
      Consumer<? super CallEachOptions<J, T>> with) {
    return callEach(name, output, child, inputs, into, with);
  }

  @Override
  public <J, X, O> WorkflowBuilder<I, O> callEach(
      String name,
      TypeRef<O> type,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends List<? extends J>> inputs,
      Into<? super T, ItemResults<X>, ? extends O> into,
      Consumer<? super CallEachOptions<J, O>> with) {
    Objects.requireNonNull(child, "child");
    Objects.requireNonNull(inputs, "inputs");
    CallEachOptions<J, O> options = CallEachOptions.of(with);
    return each(
        name,
        type,
        child.input(),
        inputs,
        each -> each.call("child", child, item -> item, options::giveTo),
        into,
        options);
  }

  @Override
  public <J> WorkflowBuilder<I, T> start(
      String name,
      Workflow<J, ?> child,
      StepFunction<? super T, ? extends J> input,
      Consumer<? super ChildStartOptions<T>> with) {
    Objects.requireNonNull(child, "child");
    Objects.requireNonNull(input, "input");
    ChildStartOptions<T> options = ChildStartOptions.of(with);
    return waiting(
        name,
        output,
        Node.Purpose.CHILD,
        Subject.of("a start of workflow '" + child.name() + "'"),
        null,
        (data, step) -> {
          step.start(name, child, input.apply(data), options.child(data));
          return data;
        });
  }

  private <R> WorkflowBuilder<I, R> waiting(
      String name,
      TypeRef<R> type,
      Node.Purpose purpose,
      Subject subject,
      @Nullable CompensableOptions<R, ?> options,
      StepBody<I, ? super T, ? extends R> body) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    if (options instanceof WaitOptions<?, ?, ?> wait && wait.neverTimesOut()) {
      throw new IllegalArgumentException(
          "'" + name + "' has an onTimeout, but no timeout: add .timeout(...).");
    }
    StepSettings settings =
        options == null ? StepSettings.NONE : StepSettings.undone(options.undo());
    return append(new Node.Step(name, output, type, purpose, subject, settings, body), type);
  }

  // ---- control flow ----

  @Override
  public WorkflowBuilder<I, T> decide(
      String name,
      List<String> targets,
      StepFunction<? super T, Decision<T>> body,
      Consumer<? super DecideOptions> with) {
    return append(
        new Node.Decide(
            Objects.requireNonNull(name, "name"),
            output,
            Objects.requireNonNull(targets, "targets"),
            DecideOptions.of(with).settings(header.settings().retry()),
            Nodes.<I, T, Decision<T>>withoutContext(body)),
        output);
  }

  @Override
  public <K> WorkflowBuilder<I, T> branch(
      String name,
      StepFunction<? super T, ? extends K> selector,
      Consumer<? super Cases<I, T, K, T>> cases) {
    return branch(name, output, selector, cases);
  }

  @Override
  public <K, R> WorkflowBuilder<I, R> branch(
      String name,
      TypeRef<R> type,
      StepFunction<? super T, ? extends K> selector,
      Consumer<? super Cases<I, T, K, R>> cases) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(selector, "selector");
    Objects.requireNonNull(cases, "cases");
    Cases<I, T, K, R> all = new Cases<>(emptyAt(name), type);
    cases.accept(all);
    return append(
        new Node.Branch(
            name,
            output,
            type,
            Nodes.<I, T, K>withoutContext(selector),
            all.cases(),
            all.fallback()),
        type);
  }

  @Override
  public WorkflowBuilder<I, T> parallel(
      String name,
      Function<Parallel<I, T>, Parallel.Joined<T, ? extends T>> branches,
      Consumer<? super ParallelOptions<T>> with) {
    return parallel(name, output, branches, with);
  }

  @Override
  public <R> WorkflowBuilder<I, R> parallel(
      String name,
      TypeRef<R> type,
      Function<Parallel<I, T>, Parallel.Joined<T, ? extends R>> branches,
      Consumer<? super ParallelOptions<R>> with) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(branches, "branches");
    Objects.requireNonNull(with, "with");
    Parallel<I, T> block = new Parallel<>(emptyAt(name));
    Parallel.Joined<T, ? extends R> joined =
        Objects.requireNonNull(branches.apply(block), "what the branches are joined to");
    ParallelOptions<R> options = ParallelOptions.of(with);
    return append(
        new Node.Parallel(
            name,
            output,
            type,
            block.branches(),
            options.policy(),
            StepSettings.undone(options.undo()),
            joined.function()),
        type);
  }

  @Override
  public <E, X> WorkflowBuilder<I, T> forEach(
      String name,
      TypeRef<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends T> into,
      Consumer<? super ForEachOptions<T>> with) {
    return forEach(name, output, item, items, each, into, with);
  }

  @Override
  public <E, X, O> WorkflowBuilder<I, O> forEach(
      String name,
      TypeRef<O> type,
      TypeRef<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends O> into,
      Consumer<? super ForEachOptions<O>> with) {
    Objects.requireNonNull(item, "item");
    Objects.requireNonNull(items, "items");
    Objects.requireNonNull(each, "each");
    return each(name, type, item, items, each, into, ForEachOptions.of(with));
  }

  private <E, X, O> WorkflowBuilder<I, O> each(
      String name,
      TypeRef<O> type,
      TypeRef<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends O> into,
      LoopOptions<O, ?> options) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(into, "into");
    return append(
        new Node.ForEach(
            name,
            output,
            type,
            item,
            Nodes.<I, T, List<? extends E>>withoutContext(items),
            path(header.nest(name), item, name, null, each),
            options.loop(),
            StepSettings.undone(options.undo()),
            into),
        type);
  }

  @Override
  public WorkflowBuilder<I, T> repeatUntil(
      String name,
      StepFunction<? super T, Boolean> done,
      PathDefinition<I, T, T> round,
      Consumer<? super RepeatOptions> with) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(done, "done");
    Objects.requireNonNull(round, "round");
    Objects.requireNonNull(with, "with");
    return append(
        new Node.Repeat(
            name,
            output,
            path(header.nest(name), output, name, output, round),
            RepeatOptions.of(with).settings(),
            done),
        output);
  }

  // ---- building ----

  /**
   * Checks everything that can be checked and makes the definition.
   *
   * @throws InvalidWorkflowException if there is no step, if two siblings share a name, if a name
   *     is blank, too long or has a forbidden character, if options contradict each other, if a
   *     decision cannot jump to a target, or if a branch does not cover its type; the message lists
   *     every problem
   * @throws IllegalStateException on a path inside a workflow
   */
  public Workflow<I, T> build() {
    if (header.nested()) {
      throw new IllegalStateException(
          "build belongs to the whole workflow '" + header.name() + "', not to a path inside it");
    }
    Node.Sequence root = new Node.Sequence(header.name(), header.input(), output, nodes);
    List<String> problems = new DefinitionRules(header, root).problems();
    if (!problems.isEmpty()) {
      throw new InvalidWorkflowException(header.name(), problems);
    }
    return new Workflow<>(header, output, root);
  }

  /** What the paths of a node begin with. */
  private WorkflowBuilder<I, T> emptyAt(String node) {
    return new WorkflowBuilder<>(header.nest(node), output, List.of());
  }

  /** Builds a path below the node that this is the beginning of. */
  <R> Node.Sequence path(String pathName, TypeRef<R> type, PathDefinition<I, T, R> path) {
    return path(header.nest(pathName), output, pathName, type, path);
  }

  /** Builds a path; without a type its own is taken. */
  private static <I, T, R> Node.Sequence path(
      WorkflowHeader<I> header,
      TypeRef<T> input,
      String pathName,
      @Nullable TypeRef<R> type,
      PathDefinition<I, T, R> path) {
    Objects.requireNonNull(path, "path");
    WorkflowBuilder<I, R> built =
        header.checked(path.of(new WorkflowBuilder<>(header, input, List.of())));
    return new Node.Sequence(pathName, input, type == null ? built.output : type, built.nodes);
  }

  private <R> WorkflowBuilder<I, R> append(Node node, TypeRef<R> type) {
    header.adds(node);
    List<Node> longer = new ArrayList<>(nodes);
    longer.add(node);
    return new WorkflowBuilder<>(header, type, List.copyOf(longer));
  }
}
