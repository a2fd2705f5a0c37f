package dev.durable.schedule;

/** What becomes of a wall time that a change of the clock leaves out. */
public enum OnGap {
  /** It comes at the end of the gap; several of one gap come once. */
  SHIFT,
  /** It does not come. */
  SKIP
}
