package dev.durable.graph;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node of a picture.
 *
 * @param id its path in the definition, such as {@code fulfil/physical/ship}; with {@code ~undo}
 *     for a compensation and {@code #end} for the end of a block
 * @param name what to show
 * @param kind what it is
 * @param state what an execution did there; null in a definition, and where nothing happened yet
 */
public record GraphNode(String id, String name, Kind kind, @Nullable State state) {

  /** What a node is. */
  public enum Kind {
    /** Where executions begin. */
    START,
    /** Where they end. */
    END,
    /** A step. */
    STEP,
    /** A step whose SQL commits with its result. */
    TRANSACTION,
    /** A rest for a time. */
    SLEEP,
    /** A wait for events. */
    EVENT,
    /** A question to a person. */
    INPUT,
    /** Another execution. */
    CHILD,
    /** A decision. */
    DECISION,
    /** A choice of one path. */
    BRANCH,
    /** Several paths at once. */
    PARALLEL,
    /** A path for each item. */
    FOR_EACH,
    /** A path again and again. */
    REPEAT,
    /** Where the paths of a block come together, or its rounds end. */
    BLOCK_END,
    /** The undoing of a step. */
    COMPENSATION
  }

  /**
   * What an execution did at a node.
   *
   * @param status {@code running}, {@code waiting}, {@code completed}, {@code failed} or {@code
   *     cancelled}; of several items the one that needs attention first, in the order failed,
   *     running, waiting, cancelled, completed
   * @param counts how many items or rounds have each status; one entry where there is only one
   * @param attempts how many attempts there were, or rounds of a repeat
   * @param total how many items there are, or null
   * @param note a choice, a target, or the type of an error; or null
   */
  public record State(
      String status,
      Map<String, Integer> counts,
      int attempts,
      @Nullable Integer total,
      @Nullable String note) {}

  GraphNode with(State done) {
    return new GraphNode(id, name, kind, done);
  }
}
