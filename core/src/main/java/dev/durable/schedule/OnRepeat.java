package dev.durable.schedule;

/** What becomes of a wall time that a change of the clock brings twice. */
public enum OnRepeat {
  /** It comes the first time. */
  FIRST,
  /** It comes both times. */
  BOTH
}
