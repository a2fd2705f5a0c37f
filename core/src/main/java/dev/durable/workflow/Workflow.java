package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A workflow definition: a value, typed, built once, checked when built. Immutable and thread-safe.
 * Two workflows never share bodies, whatever the names of their steps.
 *
 * @param <I> the input
 * @param <O> the result of the last step
 */
public final class Workflow<I, O> {

  /** The queue of a workflow that names none. */
  public static final String DEFAULT_QUEUE = "default";

  private final String name;
  private final int version;
  private final String queue;
  private final @Nullable Duration timeout;
  private final TypeRef<I> input;
  private final TypeRef<O> output;
  private final Node.Sequence root;
  private final String fingerprint;

  Workflow(WorkflowBuilder<I, O> from, Node.Sequence root) {
    this.name = from.name;
    this.version = from.version;
    this.queue = from.queue;
    this.timeout = from.timeout;
    this.input = from.input;
    this.output = from.output;
    this.root = root;
    this.fingerprint = Fingerprint.of(root);
  }

  /**
   * Begins a definition.
   *
   * @param name how executions refer to it for ever; at most 200 characters
   * @param input the type of its input
   */
  public static <I> WorkflowBuilder<I, I> define(String name, Class<I> input) {
    return define(name, TypeRef.of(input));
  }

  /** {@link #define(String, Class)} for a type that a class cannot name. */
  public static <I> WorkflowBuilder<I, I> define(String name, TypeRef<I> input) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(input, "input");
    return new WorkflowBuilder<>(name, input, input);
  }

  /**
   * The one-body form: ordinary code with memoised effects ({@link StepContext#run}). Its only step
   * is called {@code body}. For options use {@link #define}.
   *
   * @throws InvalidWorkflowException if the name is not valid
   */
  public static <I, O> Workflow<I, O> of(
      String name, Class<I> input, Class<O> output, StepBody<I, I, O> body) {
    return of(name, TypeRef.of(input), TypeRef.of(output), body);
  }

  /** {@link #of(String, Class, Class, StepBody)} for types that a class cannot name. */
  public static <I, O> Workflow<I, O> of(
      String name, TypeRef<I> input, TypeRef<O> output, StepBody<I, I, O> body) {
    return define(name, input).step("body", output, body).build();
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** The version that the author declared; 1 unless set. */
  public int version() {
    return version;
  }

  /** The queue that its executions run in unless their start says otherwise. */
  public String queue() {
    return queue;
  }

  /** The longest time from (scheduled) start to end, if limited. */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(timeout);
  }

  /** The type of the input. */
  public TypeRef<I> input() {
    return input;
  }

  /** The type of the result. */
  public TypeRef<O> output() {
    return output;
  }

  /** The tree of steps. */
  public Node.Sequence root() {
    return root;
  }

  /** A hash of the tree: names, kinds and types, not options or bodies. */
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public String toString() {
    return "Workflow[" + name + " v" + version + "]";
  }

  static Duration requirePositive(Duration duration, String what) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(what + " must be positive: " + duration);
    }
    return duration;
  }
}
