package dev.durable.internal.store.journal;

import java.util.UUID;

/**
 * The result of a start.
 *
 * @param id the execution that now has the key: the new one, or the one that was already there
 * @param added whether it is the new one
 * @param owned whether the new one belongs to the worker that started it
 * @param ended whether the one that was already there has ended
 * @param replaced whether the one that was already there has got the input of this start
 */
public record StartResult(UUID id, boolean added, boolean owned, boolean ended, boolean replaced) {

  /** A new execution. */
  static StartResult added(UUID id, boolean owned) {
    return new StartResult(id, true, owned, false, false);
  }

  /** An execution that was already there. */
  public static StartResult found(UUID id, boolean ended) {
    return new StartResult(id, false, false, ended, false);
  }

  /** An execution that has not begun, and has the input of this start now. */
  public static StartResult replaced(UUID id) {
    return new StartResult(id, false, false, false, true);
  }
}
