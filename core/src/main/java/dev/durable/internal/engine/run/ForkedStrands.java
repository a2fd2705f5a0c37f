package dev.durable.internal.engine.run;

/** The strands that run below another one, as that one sees them. */
public interface ForkedStrands {

  /** Stops them, and returns the changes of theirs that are still to be committed. */
  Uncommitted stop();

  /** Interrupts them: the run is over. */
  void interrupt();

  /** Makes those that wait look into the mailbox again. */
  void signal();
}
