package dev.durable.fault;

import java.util.List;

/**
 * Where an engine is hit.
 *
 * @param role which of its threads calls: {@code claimer}, {@code journal}; {@code run} for what
 *     runs an execution, {@code caller} for whoever uses it, {@code anyone} for all of them
 * @param call what it calls
 * @param number the how manieth such call, counted from 1 since the story began
 */
record Place(String role, JdbcCall call, int number) {

  /** A thread of the user. */
  static final String CALLER = "caller";

  /** Any caller. */
  static final String ANYONE = "anyone";

  /** No place at all. */
  static final Place NOWHERE = new Place("nobody", JdbcCall.CONNECT, Integer.MAX_VALUE);

  /** Whether the other place differs by its number only. */
  boolean isLike(Place other) {
    return role.equals(other.role) && call == other.call;
  }

  /** The same call by any thread. */
  Place ofAnyone() {
    return new Place(ANYONE, call, number);
  }

  /** Whether a thread of the user may be hit. */
  boolean mayBeCallers() {
    return role.equals(CALLER) || isOfAnyone();
  }

  boolean isOfAnyone() {
    return role.equals(ANYONE);
  }

  /** The first such call. */
  Place first() {
    return new Place(role, call, 1);
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
