package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
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

  private static final int LONGEST_NAME = 200;
  private static final Pattern FORBIDDEN_IN_NODE_NAME = Pattern.compile("[/\\[\\]\\p{Cntrl}]");

  final String name;
  final TypeRef<I> input;
  final TypeRef<T> output;
  final List<Node> nodes;
  final int version;
  final String queue;
  final @Nullable Duration timeout;

  WorkflowBuilder(String name, TypeRef<I> input, TypeRef<T> output) {
    this(name, input, output, List.of(), 1, Workflow.DEFAULT_QUEUE, null);
  }

  private WorkflowBuilder(
      String name,
      TypeRef<I> input,
      TypeRef<T> output,
      List<Node> nodes,
      int version,
      String queue,
      @Nullable Duration timeout) {
    this.name = name;
    this.input = input;
    this.output = output;
    this.nodes = nodes;
    this.version = version;
    this.queue = queue;
    this.timeout = timeout;
  }

  /**
   * The version of this definition, default 1. Raise it when running executions must not see a
   * change: an execution goes on with its own version as long as that is registered.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public WorkflowBuilder<I, T> version(int number) {
    if (number < 1) {
      throw new IllegalArgumentException("version must be at least 1: " + number);
    }
    return new WorkflowBuilder<>(name, input, output, nodes, number, queue, timeout);
  }

  /**
   * The queue that executions run in unless their start says otherwise. Default {@value
   * Workflow#DEFAULT_QUEUE}.
   */
  public WorkflowBuilder<I, T> queue(String queueName) {
    Objects.requireNonNull(queueName, "queueName");
    return new WorkflowBuilder<>(name, input, output, nodes, version, queueName, timeout);
  }

  /**
   * The longest time from the (scheduled) start to the end, waits and retries included; then the
   * execution fails with error type {@code workflow_timeout}. Default: no limit.
   *
   * @throws IllegalArgumentException if not positive
   */
  public WorkflowBuilder<I, T> timeout(Duration limit) {
    Workflow.requirePositive(limit, "workflow timeout");
    return new WorkflowBuilder<>(name, input, output, nodes, version, queue, limit);
  }

  /**
   * Adds a step.
   *
   * @param stepName unique in this workflow, without {@code /}, {@code [} or {@code ]}; renaming a
   *     step is a change of the definition
   * @param type what it returns
   * @param body its work
   * @param with its options
   */
  public <R> WorkflowBuilder<I, R> step(
      String stepName,
      TypeRef<R> type,
      StepBody<I, ? super T, ? extends R> body,
      UnaryOperator<StepOptions> with) {
    Objects.requireNonNull(stepName, "stepName");
    Objects.requireNonNull(body, "body");
    return append(new Node.Step(stepName, output, type, options(with), body), type);
  }

  /** Adds a step with default options. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName, TypeRef<R> type, StepBody<I, ? super T, ? extends R> body) {
    return step(stepName, type, body, UnaryOperator.identity());
  }

  /** Adds a step whose body needs no context. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName,
      TypeRef<R> type,
      StepFunction<? super T, ? extends R> body,
      UnaryOperator<StepOptions> with) {
    return step(stepName, type, withoutContext(body), with);
  }

  /** Adds a step whose body needs no context, with default options. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName, TypeRef<R> type, StepFunction<? super T, ? extends R> body) {
    return step(stepName, type, withoutContext(body), UnaryOperator.identity());
  }

  /** Adds a step of a class. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName,
      Class<R> type,
      StepBody<I, ? super T, ? extends R> body,
      UnaryOperator<StepOptions> with) {
    return step(stepName, TypeRef.of(type), body, with);
  }

  /** Adds a step with default options. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName, Class<R> type, StepBody<I, ? super T, ? extends R> body) {
    return step(stepName, TypeRef.of(type), body, UnaryOperator.identity());
  }

  /** Adds a step whose body needs no context. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName,
      Class<R> type,
      StepFunction<? super T, ? extends R> body,
      UnaryOperator<StepOptions> with) {
    return step(stepName, TypeRef.of(type), withoutContext(body), with);
  }

  /** Adds a step whose body needs no context, with default options. */
  public <R> WorkflowBuilder<I, R> step(
      String stepName, Class<R> type, StepFunction<? super T, ? extends R> body) {
    return step(stepName, TypeRef.of(type), withoutContext(body), UnaryOperator.identity());
  }

  /** Adds a step that returns the type it gets. */
  public WorkflowBuilder<I, T> step(
      String stepName, StepBody<I, ? super T, ? extends T> body, UnaryOperator<StepOptions> with) {
    return step(stepName, output, body, with);
  }

  /** Adds a step that returns the type it gets, with default options. */
  public WorkflowBuilder<I, T> step(String stepName, StepBody<I, ? super T, ? extends T> body) {
    return step(stepName, output, body, UnaryOperator.identity());
  }

  /** Adds a step that returns the type it gets, whose body needs no context. */
  public WorkflowBuilder<I, T> step(
      String stepName, StepFunction<? super T, ? extends T> body, UnaryOperator<StepOptions> with) {
    return step(stepName, output, withoutContext(body), with);
  }

  /**
   * Adds a step that returns the type it gets, whose body needs no context, with default options.
   */
  public WorkflowBuilder<I, T> step(String stepName, StepFunction<? super T, ? extends T> body) {
    return step(stepName, output, withoutContext(body), UnaryOperator.identity());
  }

  /**
   * Adds a step whose SQL commits together with its result: exactly once.
   *
   * @param stepName unique in this workflow, without {@code /}, {@code [} or {@code ]}; renaming a
   *     step is a change of the definition
   * @param type what it returns
   * @param body its work
   * @param with its options
   */
  public <R> WorkflowBuilder<I, R> transaction(
      String stepName,
      TypeRef<R> type,
      TransactionBody<I, ? super T, ? extends R> body,
      UnaryOperator<StepOptions> with) {
    Objects.requireNonNull(stepName, "stepName");
    Objects.requireNonNull(body, "body");
    return append(new Node.Transaction(stepName, output, type, options(with), body), type);
  }

  /** Adds a transaction with default options. */
  public <R> WorkflowBuilder<I, R> transaction(
      String stepName, TypeRef<R> type, TransactionBody<I, ? super T, ? extends R> body) {
    return transaction(stepName, type, body, UnaryOperator.identity());
  }

  /** Adds a transaction of a class. */
  public <R> WorkflowBuilder<I, R> transaction(
      String stepName,
      Class<R> type,
      TransactionBody<I, ? super T, ? extends R> body,
      UnaryOperator<StepOptions> with) {
    return transaction(stepName, TypeRef.of(type), body, with);
  }

  /** Adds a transaction with default options. */
  public <R> WorkflowBuilder<I, R> transaction(
      String stepName, Class<R> type, TransactionBody<I, ? super T, ? extends R> body) {
    return transaction(stepName, TypeRef.of(type), body, UnaryOperator.identity());
  }

  /** Adds a transaction that returns the type it gets. */
  public WorkflowBuilder<I, T> transaction(
      String stepName,
      TransactionBody<I, ? super T, ? extends T> body,
      UnaryOperator<StepOptions> with) {
    return transaction(stepName, output, body, with);
  }

  /** Adds a transaction that returns the type it gets, with default options. */
  public WorkflowBuilder<I, T> transaction(
      String stepName, TransactionBody<I, ? super T, ? extends T> body) {
    return transaction(stepName, output, body, UnaryOperator.identity());
  }

  /**
   * Checks everything that can be checked and makes the definition.
   *
   * @throws InvalidWorkflowException if there is no step, if two steps share a name, if a name is
   *     blank, too long or has a forbidden character, or if options contradict each other; the
   *     message lists every problem
   */
  public Workflow<I, T> build() {
    List<String> problems = new ArrayList<>();
    checkName("The workflow's name", name, problems);
    checkName("The queue's name", queue, problems);
    if (nodes.isEmpty()) {
      problems.add("It has no steps: add one with .step(...).");
    }
    Set<String> seen = new HashSet<>();
    for (Node node : nodes) {
      checkName("The step name '" + node.name() + "'", node.name(), problems);
      if (FORBIDDEN_IN_NODE_NAME.matcher(node.name()).find()) {
        problems.add(
            "The step name '" + node.name() + "' has a '/', '[', ']' or control character.");
      }
      if (!seen.add(node.name())) {
        problems.add("Two steps are called '" + node.name() + "': rename one.");
      }
      checkOptions(node, problems);
    }
    if (!problems.isEmpty()) {
      throw new InvalidWorkflowException(name, problems);
    }
    return new Workflow<>(this, new Node.Sequence(name, output, nodes));
  }

  private static void checkName(String what, String name, List<String> problems) {
    if (name.isBlank()) {
      problems.add(what + " is blank.");
    } else if (name.length() > LONGEST_NAME) {
      problems.add(what + " is longer than " + LONGEST_NAME + " characters.");
    } else if (name.indexOf('\0') >= 0) {
      problems.add(what + " has a NUL character.");
    }
  }

  private static void checkOptions(Node node, List<String> problems) {
    switch (node) {
      case Node.Step step -> {
        if (step.options().isAtMostOnce() && step.options().retryPolicy().maxAttempts() > 1) {
          problems.add(
              "Step '" + step.name() + "' is atMostOnce and has retries: choose one of the two.");
        }
      }
      case Node.Transaction step -> {
        if (step.options().isAtMostOnce()) {
          problems.add(
              "Transaction '" + step.name() + "' is exactly once already: remove atMostOnce().");
        }
      }
      case Node.Sequence sequence -> {}
    }
  }

  private <R> WorkflowBuilder<I, R> append(Node node, TypeRef<R> type) {
    List<Node> longer = new ArrayList<>(nodes);
    longer.add(node);
    return new WorkflowBuilder<>(name, input, type, List.copyOf(longer), version, queue, timeout);
  }

  private static <I, T, R> StepBody<I, T, R> withoutContext(StepFunction<T, R> body) {
    Objects.requireNonNull(body, "body");
    return (data, step) -> body.apply(data);
  }

  private static StepOptions options(UnaryOperator<StepOptions> with) {
    return Objects.requireNonNull(with.apply(StepOptions.DEFAULTS), "options");
  }
}
