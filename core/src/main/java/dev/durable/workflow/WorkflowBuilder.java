package dev.durable.workflow;

import dev.durable.json.TypeRef;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import dev.durable.wait.WaitOptions;
import dev.durable.wait.WaitOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link Workflow} from top to bottom: each step gets what the one before returned, and
 * the compiler checks that they fit. Every method returns a builder to go on with; an earlier
 * builder stays as it was, so a common beginning can be shared. Immutable.
 *
 * <p>A step is given as {@code (name, type, body)}, or {@code (name, body)} when it returns the
 * type it gets; the body takes {@code (data)} or {@code (data, step)}; options come last.
 *
 * @param <I> the workflow's input
 * @param <T> what the last step so far returns
 */
public final class WorkflowBuilder<I, T> {

  /**
   * What belongs to the whole workflow.
   *
   * @param nested whether this builds a path inside another one
   */
  record Header<I>(
      String name,
      TypeRef<I> input,
      int version,
      String queue,
      @Nullable Duration timeout,
      Set<CompensationTrigger> compensateOn,
      boolean stopsCompensation,
      boolean nested) {

    static <I> Header<I> of(String name, TypeRef<I> input) {
      return new Header<>(name, input, 1, Workflow.DEFAULT_QUEUE, null, Set.of(), false, false);
    }

    Header<I> nest() {
      return new Header<>(
          name, input, version, queue, timeout, compensateOn, stopsCompensation, true);
    }

    Header<I> version(int v) {
      return new Header<>(name, input, v, queue, timeout, compensateOn, stopsCompensation, nested);
    }

    Header<I> queue(String q) {
      return new Header<>(
          name, input, version, q, timeout, compensateOn, stopsCompensation, nested);
    }

    Header<I> timeout(Duration t) {
      return new Header<>(name, input, version, queue, t, compensateOn, stopsCompensation, nested);
    }

    Header<I> compensateOn(Set<CompensationTrigger> on) {
      return new Header<>(name, input, version, queue, timeout, on, stopsCompensation, nested);
    }

    Header<I> stopCompensation() {
      return new Header<>(name, input, version, queue, timeout, compensateOn, true, nested);
    }
  }

  final Header<I> header;
  final TypeRef<T> output;
  final List<Node> nodes;

  WorkflowBuilder(Header<I> header, TypeRef<T> output, List<Node> nodes) {
    this.header = header;
    this.output = output;
    this.nodes = nodes;
  }

  /**
   * The version of this definition, default 1. Raise it when running executions must not see a
   * change: an execution goes on with its own version as long as that is registered.
   *
   * @throws IllegalArgumentException if less than 1
   * @throws IllegalStateException on a path inside a workflow
   */
  public WorkflowBuilder<I, T> version(int number) {
    if (number < 1) {
      throw new IllegalArgumentException("version must be at least 1: " + number);
    }
    return with(whole("version").version(number));
  }

  /**
   * The queue that executions run in unless their start says otherwise. Default {@value
   * Workflow#DEFAULT_QUEUE}.
   *
   * @throws IllegalStateException on a path inside a workflow
   */
  public WorkflowBuilder<I, T> queue(String queueName) {
    Objects.requireNonNull(queueName, "queueName");
    return with(whole("queue").queue(queueName));
  }

  /**
   * The longest time from the (scheduled) start to the end, waits and retries included; then the
   * execution fails with error type {@code workflow_timeout}. Default: no limit.
   *
   * @throws IllegalArgumentException if not positive
   * @throws IllegalStateException on a path inside a workflow
   */
  public WorkflowBuilder<I, T> timeout(Duration limit) {
    Workflow.requirePositive(limit, "workflow timeout");
    return with(whole("timeout").timeout(limit));
  }

  /**
   * What, besides a failure, undoes the completed steps. Default: nothing else; a cancel or a
   * workflow timeout leaves everything as it is.
   *
   * @throws IllegalStateException on a path inside a workflow
   */
  public WorkflowBuilder<I, T> compensateOn(CompensationTrigger... triggers) {
    return with(whole("compensateOn").compensateOn(Set.of(triggers)));
  }

  /**
   * Stops undoing at the first compensation that fails. Default: the others are undone all the
   * same.
   *
   * @throws IllegalStateException on a path inside a workflow
   */
  public WorkflowBuilder<I, T> stopCompensationOnFailure() {
    return with(whole("stopCompensationOnFailure").stopCompensation());
  }

  private Header<I> whole(String option) {
    if (header.nested) {
      throw new IllegalStateException(
          option + " belongs to the whole workflow '" + header.name + "', not to a path inside it");
    }
    return header;
  }

  private WorkflowBuilder<I, T> with(Header<I> changed) {
    return new WorkflowBuilder<>(changed, output, nodes);
  }

  /**
   * Adds a step.
   *
   * @param stepName unique in its path, without {@code /}, {@code [}, {@code ]} or {@code ~};
   *     renaming a step is a change of the definition
   * @param type what it returns
   * @param body its work
   * @param with its options
   */
  public <R> WorkflowBuilder<I, R> step(
      String stepName,
      TypeRef<R> type,
      StepBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<R>> with) {
    Objects.requireNonNull(stepName, "stepName");
    Objects.requireNonNull(body, "body");
    return append(new Node.Step(stepName, output, type, StepOptions.of(with), body), type);
  }

  /** Adds a step with default options. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName, TypeRef<R> type, StepBody<I, ? super T, ? extends R> body) {
    return step(stepName, type, body, with -> {});
  }

  /** Adds a step whose body needs no context. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName,
      TypeRef<R> type,
      StepFunction<? super T, ? extends R> body,
      Consumer<? super StepOptions<R>> with) {
    return step(stepName, type, withoutContext(body), with);
  }

  /** Adds a step whose body needs no context, with default options. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName, TypeRef<R> type, StepFunction<? super T, ? extends R> body) {
    return step(stepName, type, withoutContext(body), with -> {});
  }

  /** Adds a step of a class. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName,
      Class<R> type,
      StepBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<R>> with) {
    return step(stepName, TypeRef.of(type), body, with);
  }

  /** Adds a step with default options. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName, Class<R> type, StepBody<I, ? super T, ? extends R> body) {
    return step(stepName, TypeRef.of(type), body, with -> {});
  }

  /** Adds a step whose body needs no context. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName,
      Class<R> type,
      StepFunction<? super T, ? extends R> body,
      Consumer<? super StepOptions<R>> with) {
    return step(stepName, TypeRef.of(type), withoutContext(body), with);
  }

  /** Adds a step whose body needs no context, with default options. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName, Class<R> type, StepFunction<? super T, ? extends R> body) {
    return step(stepName, TypeRef.of(type), withoutContext(body), with -> {});
  }

  /** Adds a step that returns the type it gets. */
  public WorkflowBuilder<I, T> step(
      String stepName,
      StepBody<I, ? super T, ? extends T> body,
      Consumer<? super StepOptions<T>> with) {
    return step(stepName, output, body, with);
  }

  /** Adds a step that returns the type it gets, with default options. */
  public WorkflowBuilder<I, T> step(String stepName, StepBody<I, ? super T, ? extends T> body) {
    return step(stepName, output, body, with -> {});
  }

  /** Adds a step that returns the type it gets, whose body needs no context. */
  public WorkflowBuilder<I, T> step(
      String stepName,
      StepFunction<? super T, ? extends T> body,
      Consumer<? super StepOptions<T>> with) {
    return step(stepName, output, withoutContext(body), with);
  }

  /**
   * Adds a step that returns the type it gets, whose body needs no context, with default options.
   */
  public WorkflowBuilder<I, T> step(String stepName, StepFunction<? super T, ? extends T> body) {
    return step(stepName, output, withoutContext(body), with -> {});
  }

  /**
   * Adds a step whose SQL commits together with its result: exactly once.
   *
   * @param stepName unique in its path, without {@code /}, {@code [}, {@code ]} or {@code ~};
   *     renaming a step is a change of the definition
   * @param type what it returns
   * @param body its work
   * @param with its options
   */
  public <R> WorkflowBuilder<I, R> transaction(
      String stepName,
      TypeRef<R> type,
      TransactionBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<R>> with) {
    Objects.requireNonNull(stepName, "stepName");
    Objects.requireNonNull(body, "body");
    return append(new Node.Transaction(stepName, output, type, StepOptions.of(with), body), type);
  }

  /** Adds a transaction with default options. */
  public <R> WorkflowBuilder<I, R> transaction(
      String stepName, TypeRef<R> type, TransactionBody<I, ? super T, ? extends R> body) {
    return transaction(stepName, type, body, with -> {});
  }

  /** Adds a transaction of a class. */
  public <R> WorkflowBuilder<I, R> transaction(
      String stepName,
      Class<R> type,
      TransactionBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<R>> with) {
    return transaction(stepName, TypeRef.of(type), body, with);
  }

  /** Adds a transaction with default options. */
  public <R> WorkflowBuilder<I, R> transaction(
      String stepName, Class<R> type, TransactionBody<I, ? super T, ? extends R> body) {
    return transaction(stepName, TypeRef.of(type), body, with -> {});
  }

  /** Adds a transaction that returns the type it gets. */
  public WorkflowBuilder<I, T> transaction(
      String stepName,
      TransactionBody<I, ? super T, ? extends T> body,
      Consumer<? super StepOptions<T>> with) {
    return transaction(stepName, output, body, with);
  }

  /** Adds a transaction that returns the type it gets, with default options. */
  public WorkflowBuilder<I, T> transaction(
      String stepName, TransactionBody<I, ? super T, ? extends T> body) {
    return transaction(stepName, output, body, with -> {});
  }

  // ---- waiting ----

  /** Rests for a time, at no cost. */
  public WorkflowBuilder<I, T> sleep(String stepName, Duration time) {
    Objects.requireNonNull(time, "time");
    return sleep(stepName, data -> time);
  }

  /** Rests for a time that depends on the data. */
  public WorkflowBuilder<I, T> sleep(String stepName, StepFunction<? super T, Duration> time) {
    return waiting(
        stepName,
        output,
        Node.Purpose.SLEEP,
        Subject.NONE,
        (data, step) -> {
          step.sleep(stepName, time.apply(data));
          return data;
        });
  }

  /** Rests until a point in time; one in the past is over at once. */
  public WorkflowBuilder<I, T> sleepUntil(String stepName, StepFunction<? super T, Instant> time) {
    return waiting(
        stepName,
        output,
        Node.Purpose.SLEEP,
        Subject.NONE,
        (data, step) -> {
          step.sleepUntil(stepName, time.apply(data));
          return data;
        });
  }

  /**
   * Waits for an event.
   *
   * @param stepName unique in its path
   * @param type what {@code then} returns
   * @param event for what
   * @param with its timeout
   * @param then what becomes of the data: received, timed out or cancelled
   */
  public <E, R> WorkflowBuilder<I, R> await(
      String stepName,
      TypeRef<R> type,
      Event<E> event,
      Consumer<? super WaitOptions> with,
      Into<? super T, WaitOutcome<E>, ? extends R> then) {
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(then, "then");
    return waiting(
        stepName,
        type,
        Node.Purpose.EVENT,
        about("", List.of(event)),
        (data, step) -> then.join(data, step.await(stepName, event, with)));
  }

  /** Waits for an event; what follows gets a class. */
  public <E, R> WorkflowBuilder<I, R> await(
      String stepName,
      Class<R> type,
      Event<E> event,
      Consumer<? super WaitOptions> with,
      Into<? super T, WaitOutcome<E>, ? extends R> then) {
    return await(stepName, TypeRef.of(type), event, with, then);
  }

  /** Waits for an event; what follows gets the same type. */
  public <E> WorkflowBuilder<I, T> await(
      String stepName,
      Event<E> event,
      Consumer<? super WaitOptions> with,
      Into<? super T, WaitOutcome<E>, ? extends T> then) {
    return await(stepName, output, event, with, then);
  }

  /** Waits for the first of several events; the others stay in the mailbox. */
  public <R> WorkflowBuilder<I, R> awaitAny(
      String stepName,
      TypeRef<R> type,
      List<Event<?>> events,
      Consumer<? super WaitOptions> with,
      Into<? super T, WaitOutcome<Events>, ? extends R> then) {
    return several(
        stepName, type, "any of ", events, then, (step, all) -> step.awaitAny(stepName, all, with));
  }

  /** Waits for the first of several events; what follows gets the same type. */
  public WorkflowBuilder<I, T> awaitAny(
      String stepName,
      List<Event<?>> events,
      Consumer<? super WaitOptions> with,
      Into<? super T, WaitOutcome<Events>, ? extends T> then) {
    return awaitAny(stepName, output, events, with, then);
  }

  /** Waits until each of several events has come. */
  public <R> WorkflowBuilder<I, R> awaitAll(
      String stepName,
      TypeRef<R> type,
      List<Event<?>> events,
      Consumer<? super WaitOptions> with,
      Into<? super T, WaitOutcome<Events>, ? extends R> then) {
    return several(
        stepName, type, "all of ", events, then, (step, all) -> step.awaitAll(stepName, all, with));
  }

  /** Waits until each of several events has come; what follows gets the same type. */
  public WorkflowBuilder<I, T> awaitAll(
      String stepName,
      List<Event<?>> events,
      Consumer<? super WaitOptions> with,
      Into<? super T, WaitOutcome<Events>, ? extends T> then) {
    return awaitAll(stepName, output, events, with, then);
  }

  private <R> WorkflowBuilder<I, R> several(
      String stepName,
      TypeRef<R> type,
      String mode,
      List<Event<?>> events,
      Into<? super T, WaitOutcome<Events>, ? extends R> then,
      BiFunction<StepContext<I>, List<Event<?>>, WaitOutcome<Events>> await) {
    List<Event<?>> all = List.copyOf(events);
    Objects.requireNonNull(then, "then");
    return waiting(
        stepName,
        type,
        Node.Purpose.EVENT,
        about(mode, all),
        (data, step) -> then.join(data, await.apply(step, all)));
  }

  private static Subject about(String mode, List<Event<?>> events) {
    List<Event<?>> sorted = events.stream().sorted(Comparator.comparing(Event::name)).toList();
    List<String> names = sorted.stream().map(event -> "'" + event.name() + "'").toList();
    Subject subject = Subject.of("event " + mode + String.join(", ", names));
    for (Event<?> event : sorted) {
      subject = subject.getting("event " + event.name(), event.type());
    }
    return subject;
  }

  /**
   * Asks a person, and waits for the answer.
   *
   * @param stepName unique in its path; also the question's name
   * @param type what {@code then} returns
   * @param question what is asked, made of the data: {@code Question.approval().prompt(...)}
   * @param then what becomes of the data
   */
  public <A, R> WorkflowBuilder<I, R> ask(
      String stepName,
      TypeRef<R> type,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, A, ? extends R> then) {
    return ask(stepName, type, Subject.NONE, question, then);
  }

  private <A, R> WorkflowBuilder<I, R> ask(
      String stepName,
      TypeRef<R> type,
      Subject subject,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, A, ? extends R> then) {
    Objects.requireNonNull(question, "question");
    Objects.requireNonNull(then, "then");
    return waiting(
        stepName,
        type,
        Node.Purpose.INPUT,
        subject,
        (data, step) -> then.join(data, step.ask(stepName, question.apply(data))));
  }

  /** Asks a person, and waits for the answer; what follows gets the same type. */
  public <A> WorkflowBuilder<I, T> ask(
      String stepName,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, A, ? extends T> then) {
    return ask(stepName, output, question, then);
  }

  /**
   * Asks for an approval: {@code (expense, ask) -> ask.prompt("Approve " + expense.amount() +
   * "?")}.
   */
  public WorkflowBuilder<I, T> approval(
      String stepName,
      BiFunction<? super T, Question<Approval>, Question<Approval>> with,
      Into<? super T, Approval, ? extends T> then) {
    return ask(
        stepName,
        output,
        Subject.of("an approval"),
        data -> with.apply(data, Question.approval()),
        then);
  }

  /** Asks for one of several choices. */
  public WorkflowBuilder<I, T> choice(
      String stepName,
      List<String> choices,
      BiFunction<? super T, Question<String>, Question<String>> with,
      Into<? super T, String, ? extends T> then) {
    Question<String> question = Question.choice(choices);
    return ask(stepName, output, Subject.of("a choice"), data -> with.apply(data, question), then);
  }

  /** Asks for some of several choices. */
  public WorkflowBuilder<I, T> multiChoice(
      String stepName,
      List<String> choices,
      BiFunction<? super T, Question<List<String>>, Question<List<String>>> with,
      Into<? super T, List<String>, ? extends T> then) {
    Question<List<String>> question = Question.multiChoice(choices);
    return ask(
        stepName,
        output,
        Subject.of("a choice of several"),
        data -> with.apply(data, question),
        then);
  }

  /** Asks for a text. */
  public WorkflowBuilder<I, T> text(
      String stepName,
      BiFunction<? super T, Question<String>, Question<String>> with,
      Into<? super T, String, ? extends T> then) {
    return ask(
        stepName, output, Subject.of("a text"), data -> with.apply(data, Question.text()), then);
  }

  /** Asks for the components of a record. */
  public <F extends Record> WorkflowBuilder<I, T> form(
      String stepName,
      Class<F> form,
      BiFunction<? super T, Question<F>, Question<F>> with,
      Into<? super T, F, ? extends T> then) {
    Question<F> question = Question.form(form);
    return ask(
        stepName,
        output,
        Subject.of("a form").filling("answer", TypeRef.of(form)),
        data -> with.apply(data, question),
        then);
  }

  /**
   * Starts another execution, and waits for its result.
   *
   * @param stepName unique in its path
   * @param type what {@code then} returns
   * @param child what is started
   * @param childInput its input, made of the data
   * @param with its timeout, queue, priority and close policy
   * @param then what becomes of the data
   */
  public <J, O, R> WorkflowBuilder<I, R> call(
      String stepName,
      TypeRef<R> type,
      Workflow<J, O> child,
      StepFunction<? super T, ? extends J> childInput,
      Consumer<? super ChildOptions> with,
      Into<? super T, O, ? extends R> then) {
    Objects.requireNonNull(child, "child");
    Objects.requireNonNull(then, "then");
    return waiting(
        stepName,
        type,
        Node.Purpose.CHILD,
        Subject.of("workflow '" + child.name() + "'").getting("result", child.output()),
        (data, step) -> then.join(data, step.call(stepName, child, childInput.apply(data), with)));
  }

  /** Starts another execution, and waits for its result; what follows gets the same type. */
  public <J, O> WorkflowBuilder<I, T> call(
      String stepName,
      Workflow<J, O> child,
      StepFunction<? super T, ? extends J> childInput,
      Into<? super T, O, ? extends T> then) {
    return call(stepName, output, child, childInput, with -> {}, then);
  }

  /** Starts another execution, and goes on. */
  public <J> WorkflowBuilder<I, T> start(
      String stepName,
      Workflow<J, ?> child,
      StepFunction<? super T, ? extends J> childInput,
      Consumer<? super ChildOptions> with) {
    Objects.requireNonNull(child, "child");
    return waiting(
        stepName,
        output,
        Node.Purpose.CHILD,
        Subject.of("a start of workflow '" + child.name() + "'"),
        (data, step) -> {
          step.start(stepName, child, childInput.apply(data), with);
          return data;
        });
  }

  private <R> WorkflowBuilder<I, R> waiting(
      String stepName,
      TypeRef<R> type,
      Node.Purpose purpose,
      Subject subject,
      StepBody<I, ? super T, ? extends R> body) {
    Objects.requireNonNull(stepName, "stepName");
    return append(
        new Node.Step(stepName, output, type, purpose, subject, StepOptions.of(with -> {}), body),
        type);
  }

  /**
   * Decides where to go on: with the next node, or further down. Runs like a step, and where it
   * went is committed like a result.
   *
   * @param stepName unique in its path
   * @param targets where it may jump to: the name of a later node of this path or of an enclosing
   *     one, or {@code branch/case/step} for a node inside a case; each must take this data
   * @param body answers with {@link Decision#next()} or {@link Decision#goTo(String)}
   * @param with its retries and timeout
   */
  public WorkflowBuilder<I, T> decide(
      String stepName,
      List<String> targets,
      StepBody<I, ? super T, Decision<T>> body,
      Consumer<? super StepOptions<T>> with) {
    Objects.requireNonNull(stepName, "stepName");
    Objects.requireNonNull(body, "body");
    return append(new Node.Decide(stepName, output, targets, StepOptions.of(with), body), output);
  }

  /** Adds a decision with default options. */
  public WorkflowBuilder<I, T> decide(
      String stepName, List<String> targets, StepBody<I, ? super T, Decision<T>> body) {
    return decide(stepName, targets, body, with -> {});
  }

  /** Adds a decision that needs no context. */
  public WorkflowBuilder<I, T> decide(
      String stepName,
      List<String> targets,
      StepFunction<? super T, Decision<T>> body,
      Consumer<? super StepOptions<T>> with) {
    return decide(stepName, targets, withoutContext(body), with);
  }

  /** Adds a decision that needs no context, with default options. */
  public WorkflowBuilder<I, T> decide(
      String stepName, List<String> targets, StepFunction<? super T, Decision<T>> body) {
    return decide(stepName, targets, withoutContext(body), with -> {});
  }

  /**
   * Runs one of several paths. The choice is committed before the path begins, so it is never made
   * twice. Cases on an enum, a boolean or a sealed type must cover all of it, or there must be an
   * {@code otherwise}; where that cannot be checked and no case matches, the data is handed on as
   * it is.
   *
   * @param stepName unique in its path
   * @param type what every case returns
   * @param selector the value that chooses the case
   * @param cases adds the cases
   */
  public <K, R> WorkflowBuilder<I, R> branch(
      String stepName,
      TypeRef<R> type,
      StepFunction<? super T, ? extends K> selector,
      Consumer<? super Cases<I, T, K, R>> cases) {
    Objects.requireNonNull(stepName, "stepName");
    Cases<I, T, K, R> all = new Cases<>(emptyPath(), type);
    cases.accept(all);
    return append(
        new Node.Branch(
            stepName, output, type, withoutContext(selector), all.cases(), all.fallback()),
        type);
  }

  /** Adds a branch whose cases return a class. */
  public <K, R> WorkflowBuilder<I, R> branch(
      String stepName,
      Class<R> type,
      StepFunction<? super T, ? extends K> selector,
      Consumer<? super Cases<I, T, K, R>> cases) {
    return branch(stepName, TypeRef.of(type), selector, cases);
  }

  /** Adds a branch whose cases return the type they get. */
  public <K> WorkflowBuilder<I, T> branch(
      String stepName,
      StepFunction<? super T, ? extends K> selector,
      Consumer<? super Cases<I, T, K, T>> cases) {
    return branch(stepName, output, selector, cases);
  }

  /**
   * Runs several branches at once, then joins their results.
   *
   * @param stepName unique in its path
   * @param type what the join returns
   * @param branches adds the branches, and returns the join
   */
  public <R> WorkflowBuilder<I, R> parallel(
      String stepName,
      TypeRef<R> type,
      Function<Parallel<I, T>, Parallel.Joined<T, ? extends R>> branches) {
    Objects.requireNonNull(stepName, "stepName");
    Parallel<I, T> block = new Parallel<>(emptyPath());
    Parallel.Joined<T, ? extends R> joined = branches.apply(block);
    return append(
        new Node.Parallel(
            stepName, output, type, block.branches(), block.policy(), joined.function()),
        type);
  }

  /** Adds a parallel whose join returns a class. */
  public <R> WorkflowBuilder<I, R> parallel(
      String stepName,
      Class<R> type,
      Function<Parallel<I, T>, Parallel.Joined<T, ? extends R>> branches) {
    return parallel(stepName, TypeRef.of(type), branches);
  }

  /** Adds a parallel whose join returns the type it gets. */
  public WorkflowBuilder<I, T> parallel(
      String stepName, Function<Parallel<I, T>, Parallel.Joined<T, ? extends T>> branches) {
    return parallel(stepName, output, branches);
  }

  /**
   * Runs a path once for each item of a list, several at once, then joins the results. The list is
   * committed before the first item begins.
   *
   * @param stepName unique in its path
   * @param type what the join returns
   * @param item the type of an item
   * @param items the list, made of the data
   * @param each an item's path
   * @param with concurrency, and what a failed item means
   * @param join makes one value of the results, which are in the order of the items
   */
  public <E, X, R> WorkflowBuilder<I, R> forEach(
      String stepName,
      TypeRef<R> type,
      TypeRef<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Consumer<? super ForEachOptions> with,
      Into<? super T, ItemResults<X>, ? extends R> join) {
    Objects.requireNonNull(stepName, "stepName");
    Objects.requireNonNull(join, "join");
    WorkflowBuilder<I, E> empty = new WorkflowBuilder<>(header.nest(), item, List.of());
    Node.Sequence path = empty.path(stepName, null, each);
    return append(
        new Node.ForEach(
            stepName,
            output,
            type,
            item,
            withoutContext(items),
            path,
            ForEachOptions.of(with),
            join),
        type);
  }

  /** Adds a forEach of classes. */
  public <E, X, R> WorkflowBuilder<I, R> forEach(
      String stepName,
      Class<R> type,
      Class<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Consumer<? super ForEachOptions> with,
      Into<? super T, ItemResults<X>, ? extends R> join) {
    return forEach(stepName, TypeRef.of(type), TypeRef.of(item), items, each, with, join);
  }

  /** Adds a forEach whose join returns the type it gets. */
  public <E, X> WorkflowBuilder<I, T> forEach(
      String stepName,
      Class<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Consumer<? super ForEachOptions> with,
      Into<? super T, ItemResults<X>, ? extends T> join) {
    return forEach(stepName, output, TypeRef.of(item), items, each, with, join);
  }

  /** Adds a forEach that hands its data on as it is. */
  public <E, X> WorkflowBuilder<I, T> forEach(
      String stepName,
      Class<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Consumer<? super ForEachOptions> with) {
    return forEach(stepName, output, TypeRef.of(item), items, each, with, (data, results) -> data);
  }

  /**
   * Runs a workflow once for each item of a list, each as a child: the nodes that serve their queue
   * share the work. All children are started; how many run at once is their queue's business. The
   * list is committed before the first of them.
   *
   * @param stepName unique in its path
   * @param type what the join returns
   * @param child what is started for an item
   * @param items the list, made of the data
   * @param children their queue, priority, timeout and close policy
   * @param with what a failed item means; its concurrency is how many are started at once
   * @param join makes one value of the results, which are in the order of the items
   */
  public <E, X, R> WorkflowBuilder<I, R> forEachAsChildren(
      String stepName,
      TypeRef<R> type,
      Workflow<E, X> child,
      StepFunction<? super T, ? extends List<? extends E>> items,
      Consumer<? super ChildOptions> children,
      Consumer<? super ForEachOptions> with,
      Into<? super T, ItemResults<X>, ? extends R> join) {
    Objects.requireNonNull(child, "child");
    return forEach(
        stepName,
        type,
        child.input(),
        items,
        each ->
            each.call(
                "child", child.output(), child, item -> item, children, (item, result) -> result),
        with,
        join);
  }

  /** Runs a workflow for each item, as children; the join returns the type it gets. */
  public <E, X> WorkflowBuilder<I, T> forEachAsChildren(
      String stepName,
      Workflow<E, X> child,
      StepFunction<? super T, ? extends List<? extends E>> items,
      Consumer<? super ChildOptions> children,
      Consumer<? super ForEachOptions> with,
      Into<? super T, ItemResults<X>, ? extends T> join) {
    return forEachAsChildren(stepName, output, child, items, children, with, join);
  }

  /**
   * Runs a path again and again until a condition holds. Only the last round stays in the history,
   * and what a compensation needs.
   *
   * @param stepName unique in its path
   * @param with the condition, the pause between rounds, the most rounds
   * @param round a round's path; each gets what the one before returned
   */
  public WorkflowBuilder<I, T> repeat(
      String stepName, Consumer<? super RepeatOptions<T>> with, PathDefinition<I, T, T> round) {
    Objects.requireNonNull(stepName, "stepName");
    Node.Sequence path = emptyPath().path(stepName, output, round);
    return append(new Node.Repeat(stepName, output, path, RepeatOptions.of(with)), output);
  }

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
    whole("build");
    Node.Sequence root = new Node.Sequence(header.name, header.input, output, nodes);
    List<String> problems = new DefinitionRules(header, root).problems();
    if (!problems.isEmpty()) {
      throw new InvalidWorkflowException(header.name, problems);
    }
    return new Workflow<>(header, output, root);
  }

  private WorkflowBuilder<I, T> emptyPath() {
    return new WorkflowBuilder<>(header.nest(), output, List.of());
  }

  /** Builds a path that begins with this empty one; without a type its own is taken. */
  @SuppressWarnings("ReferenceEquality") // Each empty path has a header of its own.
  <R> Node.Sequence path(String pathName, @Nullable TypeRef<R> type, PathDefinition<I, T, R> path) {
    WorkflowBuilder<I, R> built = path.of(this);
    if (built.header != header) {
      throw new IllegalArgumentException(
          "The path '" + pathName + "' must go on from the path that it is given.");
    }
    return new Node.Sequence(pathName, output, type == null ? built.output : type, built.nodes);
  }

  private <R> WorkflowBuilder<I, R> append(Node node, TypeRef<R> type) {
    List<Node> longer = new ArrayList<>(nodes);
    longer.add(node);
    return new WorkflowBuilder<>(header, type, List.copyOf(longer));
  }

  private static <I, T, R> StepBody<I, T, R> withoutContext(StepFunction<T, R> body) {
    Objects.requireNonNull(body, "body");
    return (data, step) -> body.apply(data);
  }
}
