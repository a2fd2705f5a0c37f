package dev.durable.workflow;

import dev.durable.question.Question;
import dev.durable.wait.AnyOf;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import dev.durable.wait.WaitOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Function;

/**
 * Waits of a body. Without a limit they return what came; with a limit, a {@link WaitOutcome} that
 * says how the wait ended.
 *
 * <p>A wait takes no thread and no memory: the execution leaves this worker, and the body is
 * entered again from the top when the wait has ended. Like every wait it is remembered: what ran
 * before it must be an effect ({@code run}), or may run again.
 *
 * <p>A wait ends the body with an error that must be let through; {@code catch (Exception)} does
 * not see it, and every later call on the way out throws it again and does nothing. A wait that
 * this body asked for in an earlier entry, and not in the present one, is closed.
 *
 * <p>A name is unique within the body, effects included. Every method throws {@link
 * IllegalStateException} if this body cannot wait (at-most-once steps, decisions), or has asked for
 * that name in this run, and {@link IllegalArgumentException} if the name has a NUL character or
 * half a surrogate pair, or a limit is negative. Limits count by the database's clock from the
 * moment the wait begins; zero looks once at what has been sent already.
 */
public interface WaitOperations {

  // ---- time ----

  /**
   * Rests for a time, by the database's clock, and never less.
   *
   * @throws IllegalArgumentException if the time is null
   */
  void sleep(String name, Duration time);

  /**
   * Rests until a point in time. One in the past is over at once, however long ago; one beyond the
   * year 9999 counts as that year's end.
   *
   * @throws IllegalArgumentException if the time is null
   */
  void sleepUntil(String name, Instant time);

  // ---- events ----

  /**
   * Waits for an event, however long it takes. One that was sent before is received at once; each
   * is received once, in the order in which they were sent.
   *
   * <p>A payload that does not fit the event's type parks the execution as unreadable, whatever the
   * body does about it. After {@code Durable.retry(id)} it is read again; if it still does not fit,
   * it is set aside, and the body waits anew.
   *
   * @throws dev.durable.wait.WaitCancelledException if the wait was cancelled
   */
  <E> E await(String name, Event<E> event);

  /** Waits for an event under the event's own name, however long it takes. */
  default <E> E await(Event<E> event) {
    Objects.requireNonNull(event, "event");
    return await(event.name(), event);
  }

  /** Waits for an event, and no longer than that. */
  <E> WaitOutcome<E> await(String name, Event<E> event, Duration limit);

  /** Waits for an event under the event's own name, and no longer than that. */
  default <E> WaitOutcome<E> await(Event<E> event, Duration limit) {
    Objects.requireNonNull(event, "event");
    return await(event.name(), event, limit);
  }

  /**
   * Waits for the first of several events: {@code any -> any.on(PAID, p -> …).on(REFUSED, r -> …)}.
   * The others stay in the mailbox.
   *
   * @throws dev.durable.wait.WaitCancelledException if the wait was cancelled
   */
  <R> R awaitAny(String name, Function<? super AnyOf.None, AnyOf<R>> events);

  /** Waits for the first of several events, and no longer than that. */
  <R> WaitOutcome<R> awaitAny(
      String name, Duration limit, Function<? super AnyOf.None, AnyOf<R>> events);

  /**
   * Waits until each of several events has come.
   *
   * @throws dev.durable.wait.WaitCancelledException if the wait was cancelled
   */
  Events awaitAll(String name, Event<?>... events);

  /** Waits for several events, and no longer than that; then those that came stay there. */
  WaitOutcome<Events> awaitAll(String name, Duration limit, Event<?>... events);

  // ---- people ----

  /**
   * Asks a person, and waits for the answer, however long it takes.
   *
   * @param name the question's name
   * @throws dev.durable.wait.WaitCancelledException if the question was cancelled
   */
  <A> A ask(String name, Question<A> question);

  /** Asks a person, and waits no longer than that. */
  <A> WaitOutcome<A> ask(String name, Question<A> question, Duration limit);
}
