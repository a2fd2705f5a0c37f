package dev.durable;

import java.util.UUID;

/**
 * The part of this process that claims executions and runs them: {@link Durable#startWorker()}
 * starts it. Thread-safe.
 */
public interface Worker extends AutoCloseable {

  /**
   * The id under which it works, or has worked last. A worker that has lost its lease joins again
   * under another id; none is ever used twice.
   */
  UUID id();

  /** Its name, for people; others may have the same. */
  String name();

  /** Whether it is open and has its lease, as far as this process knows. Asks no database. */
  boolean isAlive();

  /**
   * Claims nothing more, and leaves new executions to other workers; what runs here goes on. A
   * claim that is under way still counts. Does nothing if it is paused.
   *
   * @throws IllegalStateException if it is closed
   */
  void pause();

  /**
   * Claims again after a {@link #pause}.
   *
   * @throws IllegalStateException if it is closed
   */
  void resume();

  /**
   * Claims nothing more, lets running bodies finish for the drain time, interrupts and releases the
   * rest, and leaves. Its {@link Durable} stays a client, and may start another worker at once,
   * even before this one has ended. Idempotent. An interrupt does not shorten it, and is kept.
   * Called by a body that this worker runs, it returns at once and the worker closes when that body
   * has ended.
   */
  @Override
  void close();
}
