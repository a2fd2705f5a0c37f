package dev.durable.fault;

import java.util.List;

/**
 * Where an engine is hit.
 *
 * @param role which of its threads calls: {@code claimer}, {@code journal}; {@code run} for what
 *     runs an execution, {@code caller} for whoever uses it
 * @param call what it calls
 * @param number the how manieth such call, counted from 1 since the story began
 */
record Place(String role, JdbcCall call, int number) {

  /** No place at all. */
  static final Place NOWHERE = new Place("nobody", JdbcCall.CONNECT, Integer.MAX_VALUE);

  /** Whether the other place differs by its number only. */
  boolean isLike(Place other) {
    return role.equals(other.role) && call == other.call;
  }

  /** All such calls. */
  String kind() {
    return role + "." + call.text();
  }

  static Place of(String text) {
    List<String> parts = List.of(text.split("\\."));
    return new Place(parts.get(0), JdbcCall.of(parts.get(1)), Integer.parseInt(parts.get(2)));
  }

  @Override
  public String toString() {
    return kind() + "." + number;
  }
}
