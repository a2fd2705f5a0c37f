package dev.durable.graph;

import org.jspecify.annotations.Nullable;

/**
 * An edge of a picture.
 *
 * @param from the id of a node
 * @param to the id of a node
 * @param kind what it means
 * @param label what to write on it, or null
 */
public record GraphEdge(String from, String to, Kind kind, @Nullable String label) {

  /** What an edge means. */
  public enum Kind {
    /** What follows. */
    NEXT,
    /** A decision's jump. */
    JUMP,
    /** A case of a branch. */
    CASE,
    /** The beginning of a path of a parallel, an item or a round. */
    INTO,
    /** Another round. */
    AGAIN,
    /** What undoes a step. */
    UNDO
  }
}
