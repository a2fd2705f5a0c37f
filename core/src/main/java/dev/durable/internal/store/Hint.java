package dev.durable.internal.store;

import java.util.UUID;

/** What workers are told about work, after it has been committed. */
public final class Hint {

  private Hint() {}

  /** Something is due in a queue. */
  public static String work(String queue) {
    return "q" + queue;
  }

  /** An execution has been taken from its owner. */
  public static String cancelled(Identified lost) {
    return "c" + lost.id() + ":" + lost.token();
  }

  /** Something has been sent to an execution that runs. */
  public static String signalled(UUID execution) {
    return "e" + execution;
  }
}
