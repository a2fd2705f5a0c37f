package dev.durable.workflow;

import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A node of a definition's tree. Its identity is its path: the names from the root (exclusive) down
 * to it, joined by {@code /}. An item of a forEach and a round of a repeat add their index to the
 * path of what an execution has done, as in {@code send[17]/mail}.
 */
public sealed interface Node {

  /** The name, unique among siblings. */
  String name();

  /** The type of what the node gets. */
  TypeRef<?> input();

  /** The type of what the node hands on. */
  TypeRef<?> output();

  /** The node's parts: paths, branches, cases. Empty for what has none. */
  default List<Node> children() {
    return List.of();
  }

  /** How the node's body is run, and how the node is undone. */
  default StepSettings settings() {
    return StepSettings.NONE;
  }

  /** The path in the definition of a path in an execution: without indices. */
  static String pathInDefinition(String path) {
    return NodePath.inDefinition(path);
  }

  /** Nodes that run one after the other; each gets what the one before handed on. */
  record Sequence(String name, TypeRef<?> input, TypeRef<?> output, List<Node> children)
      implements Node {
    /** Copies the list. */
    public Sequence {
      children = List.copyOf(children);
    }
  }

  /** A step with a body. */
  record Step(
      String name,
      TypeRef<?> input,
      TypeRef<?> output,
      Purpose purpose,
      Subject subject,
      StepSettings settings,
      StepBody<?, ?, ?> body)
      implements Node {

    /** A step that works. */
    public Step(
        String name,
        TypeRef<?> input,
        TypeRef<?> output,
        StepSettings settings,
        StepBody<?, ?, ?> body) {
      this(name, input, output, Purpose.WORK, Subject.NONE, settings, body);
    }
  }

  /** What a step is there for. */
  enum Purpose {
    /** To do something. */
    WORK,
    /** To rest for a time. */
    SLEEP,
    /** To wait for events. */
    EVENT,
    /** To ask a person. */
    INPUT,
    /** To start another execution. */
    CHILD
  }

  /** A step whose SQL commits together with its result. */
  record Transaction(
      String name,
      TypeRef<?> input,
      TypeRef<?> output,
      StepSettings settings,
      TransactionBody<?, ?, ?> body)
      implements Node {}

  /** Goes on with the next node, or jumps forward to one of its targets. */
  record Decide(
      String name,
      TypeRef<?> input,
      List<String> targets,
      StepSettings settings,
      StepBody<?, ?, ?> body)
      implements Node {
    /** Copies the list. */
    public Decide {
      targets = List.copyOf(targets);
    }

    @Override
    public TypeRef<?> output() {
      return input;
    }
  }

  /** Runs the path of the first case that matches the selector's value. */
  record Branch(
      String name,
      TypeRef<?> input,
      TypeRef<?> output,
      StepBody<?, ?, ?> selector,
      List<Case> cases,
      @Nullable Sequence otherwise)
      implements Node {
    /** Copies the list. */
    public Branch {
      cases = List.copyOf(cases);
    }

    @Override
    public List<Node> children() {
      List<Node> paths = new ArrayList<>(cases.stream().map(Case::path).toList());
      if (otherwise != null) {
        paths.add(otherwise);
      }
      return List.copyOf(paths);
    }

    /** Whether its cases are all constants or classes that there are, so that only null is left. */
    public boolean coversAll() {
      return Coverage.isClosed(this);
    }
  }

  /**
   * A case of a branch. Its path is named after the value.
   *
   * @param value what it matches: a value, null, or a class whose instances it matches
   */
  record Case(@Nullable Object value, Sequence path) {
    /** Whether the selector's value is this case's. */
    public boolean matches(@Nullable Object selected) {
      return (value instanceof Class<?> type && !(selected instanceof Class<?>))
          ? type.isInstance(selected)
          : Objects.equals(value, selected);
    }
  }

  /** Runs its branches at once, then joins their results. */
  record Parallel(
      String name,
      TypeRef<?> input,
      TypeRef<?> output,
      List<Node> children,
      JoinPolicy policy,
      StepSettings settings,
      Into<?, ParallelResults, ?> join)
      implements Node {
    /** Copies the list. */
    public Parallel {
      children = List.copyOf(children);
    }
  }

  /** Runs its path once for each item, then joins the results. */
  record ForEach(
      String name,
      TypeRef<?> input,
      TypeRef<?> output,
      TypeRef<?> item,
      StepBody<?, ?, ?> items,
      Sequence path,
      LoopSettings loop,
      StepSettings settings,
      Into<?, ?, ?> join)
      implements Node {
    @Override
    public List<Node> children() {
      return path.children();
    }
  }

  /** Runs its path again and again. */
  record Repeat(
      String name,
      TypeRef<?> input,
      Sequence path,
      RepeatSettings rounds,
      StepFunction<?, Boolean> done)
      implements Node {
    @Override
    public TypeRef<?> output() {
      return input;
    }

    @Override
    public List<Node> children() {
      return path.children();
    }
  }
}
