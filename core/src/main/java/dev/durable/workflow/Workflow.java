package dev.durable.workflow;

import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
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

  private final WorkflowHeader<I> header;
  private final TypeRef<O> output;
  private final Node.Sequence root;
  private final Map<String, Node> nodes;
  private final String fingerprint;

  Workflow(WorkflowHeader<I> header, TypeRef<O> output, Node.Sequence root) {
    this.header = header;
    this.output = output;
    this.root = root;
    Map<String, Node> byPath = new LinkedHashMap<>();
    index(root.children(), NodePath.ROOT, byPath);
    this.nodes = Collections.unmodifiableMap(byPath);
    this.fingerprint = Fingerprint.of(root);
  }

  private static void index(List<Node> children, NodePath above, Map<String, Node> byPath) {
    for (Node child : children) {
      NodePath path = above.node(child.name());
      byPath.put(path.text(), child);
      index(child.children(), path, byPath);
    }
  }

  // ---- a tree of nodes ----

  /**
   * Begins a definition.
   *
   * @param name how executions refer to it for ever; at most 200 characters
   * @param input the type of its input
   */
  public static <I> WorkflowBuilder<I, I> define(String name, Class<I> input) {
    return define(name, Nodes.typeOf(input, "input"), with -> {});
  }

  /** Begins a definition, with options. */
  public static <I> WorkflowBuilder<I, I> define(
      String name, Class<I> input, Consumer<? super WorkflowOptions> with) {
    return define(name, Nodes.typeOf(input, "input"), with);
  }

  /** Begins a definition whose input has a generic type. */
  public static <I> WorkflowBuilder<I, I> define(String name, TypeRef<I> input) {
    return define(name, input, with -> {});
  }

  /** Begins a definition whose input has a generic type, with options. */
  public static <I> WorkflowBuilder<I, I> define(
      String name, TypeRef<I> input, Consumer<? super WorkflowOptions> with) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(input, "input");
    WorkflowSettings settings = WorkflowOptions.of(with).settings();
    return new WorkflowBuilder<>(WorkflowHeader.of(name, input, settings), input, List.of());
  }

  // ---- one body ----

  /**
   * The one-body form: ordinary code with remembered effects and waits. Its only step is called
   * {@code body}; a method of an object will do: {@code Workflow.of("order", PlaceOrder.class,
   * Receipt.class, orders::place)}.
   *
   * @throws InvalidWorkflowException if the name is not valid
   */
  public static <I, O> Workflow<I, O> of(
      String name, Class<I> input, Class<O> output, StepBody<I, I, O> body) {
    return of(name, Nodes.typeOf(input, "input"), Nodes.typeOf(output, "output"), body, with -> {});
  }

  /** The one-body form, with options. */
  public static <I, O> Workflow<I, O> of(
      String name,
      Class<I> input,
      Class<O> output,
      StepBody<I, I, O> body,
      Consumer<? super WorkflowOptions> with) {
    return of(name, Nodes.typeOf(input, "input"), Nodes.typeOf(output, "output"), body, with);
  }

  /** The one-body form of generic types. */
  public static <I, O> Workflow<I, O> of(
      String name, TypeRef<I> input, TypeRef<O> output, StepBody<I, I, O> body) {
    return of(name, input, output, body, with -> {});
  }

  /** The one-body form of generic types, with options. */
  public static <I, O> Workflow<I, O> of(
      String name,
      TypeRef<I> input,
      TypeRef<O> output,
      StepBody<I, I, O> body,
      Consumer<? super WorkflowOptions> with) {
    Objects.requireNonNull(output, "output");
    return define(name, input, with).step("body", output, body).build();
  }

  /** The one-body form without a result. */
  public static <I> Workflow<I, Void> of(String name, Class<I> input, StepActionBody<I, I> body) {
    return of(name, Nodes.typeOf(input, "input"), body, with -> {});
  }

  /** The one-body form without a result, with options. */
  public static <I> Workflow<I, Void> of(
      String name,
      Class<I> input,
      StepActionBody<I, I> body,
      Consumer<? super WorkflowOptions> with) {
    return of(name, Nodes.typeOf(input, "input"), body, with);
  }

  /** The one-body form of a generic type, without a result. */
  public static <I> Workflow<I, Void> of(String name, TypeRef<I> input, StepActionBody<I, I> body) {
    return of(name, input, body, with -> {});
  }

  /** The one-body form of a generic type, without a result, with options. */
  public static <I> Workflow<I, Void> of(
      String name,
      TypeRef<I> input,
      StepActionBody<I, I> body,
      Consumer<? super WorkflowOptions> with) {
    Objects.requireNonNull(body, "body");
    return of(name, input, TypeRef.of(Void.class), Nodes.withoutResult(body), with);
  }

  /** The name. */
  public String name() {
    return header.name();
  }

  /** The version that the author declared; 1 unless set. */
  public int version() {
    return header.settings().version();
  }

  /** The queue that its executions run in unless their start says otherwise. */
  public String queue() {
    return header.settings().queue();
  }

  /** The longest time from (scheduled) start to end, if limited. */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(header.settings().timeout());
  }

  /** Whether and when a failed execution is tried again as a whole. */
  public RetryPolicy retryWorkflow() {
    return header.settings().retryWorkflow();
  }

  /** The type of the input. */
  public TypeRef<I> input() {
    return header.input();
  }

  /** The type of the result. */
  public TypeRef<O> output() {
    return output;
  }

  /** The tree of steps. */
  public Node.Sequence root() {
    return root;
  }

  /**
   * The node at a path, with or without indices; null if there is none.
   *
   * @param path such as {@code send/mail} or {@code send[17]/mail}
   */
  public @Nullable Node node(String path) {
    return nodes.get(Node.pathInDefinition(Objects.requireNonNull(path, "path")));
  }

  /** Every node by its path in the definition, in the order of the definition. */
  public Map<String, Node> nodes() {
    return nodes;
  }

  /** Whether this also undoes the completed steps; a failure always does. */
  public boolean compensatesOn(CompensationTrigger trigger) {
    return header.settings().compensateOn().contains(Objects.requireNonNull(trigger, "trigger"));
  }

  /** Whether the first failed compensation ends the compensating. */
  public boolean stopsCompensationOnFailure() {
    return header.settings().stopsCompensation();
  }

  /** A hash of the tree: names, kinds and types, not options or bodies. */
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public String toString() {
    return "Workflow[" + name() + " v" + version() + "]";
  }

  static Duration requirePositive(Duration duration, String what) {
    Objects.requireNonNull(duration, what);
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(what + " must be positive: " + duration);
    }
    return duration;
  }
}
