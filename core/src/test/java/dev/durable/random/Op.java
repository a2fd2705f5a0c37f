package dev.durable.random;

import java.util.List;

/**
 * What a body does next, as data. Each has an id of its own in its program; names are used again by
 * other bodies, and by other kinds.
 */
sealed interface Op {

  int id();

  String name();

  /** An effect, which fails so many times before it succeeds. */
  record Effect(int id, String name, int failures) implements Op {}

  /** An effect that fails whenever it is tried; the body catches that and goes on. */
  record Caught(int id, String name) implements Op {}

  record Sleep(int id, String name) implements Op {}

  /** A wait for an event that comes, or that never comes, so that the time runs out. */
  record Await(int id, String name, String event, boolean comes) implements Op {}

  record Ask(int id, String name) implements Op {}

  /** A child that is waited for; if it fails, the body catches that and goes on. */
  record Call(int id, String name, Body child) implements Op {}

  /** A child that is not waited for. */
  record Start(int id, String name, Body child) implements Op {}

  /**
   * Parts of the body that run side by side: branches of a parallel, or items of a forEach. None of
   * them fails, or it would stop the others in the middle of what they do.
   */
  record Fork(int id, String name, boolean ofItems, List<Body> parts) implements Op {}

  /**
   * The outside world says which of them is done: in the first entry of the body the first, in the
   * next one the next, and from then on the last. All but the last make the body rest.
   */
  record Waver(int id, String name, List<Op> turns) implements Op {
    Op last() {
      return turns.getLast();
    }
  }
}
