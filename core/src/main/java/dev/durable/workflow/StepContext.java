package dev.durable.workflow;

import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import dev.durable.wait.WaitOptions;
import dev.durable.wait.WaitOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What a step's body knows about itself and its execution, and what it can do: remember effects,
 * wait, and start children. Valid while the body runs; its methods may be called from threads that
 * the body starts and waits for.
 *
 * @param <I> the workflow's input
 */
public interface StepContext<I> extends AttemptContext<I>, EffectOperations<I> {

  /**
   * Rests for a time, at no cost: the execution leaves this node, and the body is entered again
   * from the top when the time is up. By the database's clock, and never early. Like every wait it
   * is remembered: what ran before it must be an effect of {@link #run}, or may run again.
   *
   * <p>A wait ends the body with an error that must be let through; {@code catch (Exception)} does
   * not see it, and every later call on the way out throws it again and does nothing. A wait that
   * this body asked for in an earlier entry, and not in the present one, is closed. Waits are
   * refused in at-most-once steps, transactions and compensations.
   *
   * @param name unique within this step, effects included
   * @throws IllegalStateException if this body cannot wait, or has asked for that name in this run
   * @throws IllegalArgumentException if the time is null, or the name has a NUL character or half a
   *     surrogate pair
   */
  void sleep(String name, Duration time);

  /**
   * Rests until a point in time. One in the past is over at once, however long ago; one beyond the
   * year 9999 counts as that year's end. Otherwise as {@link #sleep}.
   *
   * @throws IllegalArgumentException if the time is null, or the name has a NUL character or half a
   *     surrogate pair
   */
  void sleepUntil(String name, Instant time);

  /**
   * Waits for an event. One that was sent before is received at once; each is received once, in the
   * order in which they were sent.
   *
   * <p>A payload that does not fit the event's type parks the execution as unreadable, whatever the
   * body does about it. After {@code Durable.retry(id)} it is read again; if it still does not fit,
   * it is set aside, and the body waits anew.
   *
   * @param name unique within this step, effects included
   * @param with its timeout
   * @throws IllegalStateException if this body cannot wait, or has asked for that name in this run
   * @throws IllegalArgumentException if the name has a NUL character or half a surrogate pair
   */
  <E> WaitOutcome<E> await(String name, Event<E> event, Consumer<? super WaitOptions> with);

  /** Waits for an event under the event's own name. */
  default <E> WaitOutcome<E> await(Event<E> event, Consumer<? super WaitOptions> with) {
    return await(event.name(), event, with);
  }

  /** Waits for an event, however long it takes. */
  default <E> WaitOutcome<E> await(Event<E> event) {
    return await(event.name(), event, with -> {});
  }

  /** Waits for the first of several events. The others stay in the mailbox. */
  WaitOutcome<Events> awaitAny(
      String name, List<Event<?>> events, Consumer<? super WaitOptions> with);

  /** Waits until each of several events has come. After a timeout those that came stay there. */
  WaitOutcome<Events> awaitAll(
      String name, List<Event<?>> events, Consumer<? super WaitOptions> with);

  /**
   * Asks a person, and waits for the answer.
   *
   * @param name the question's name, unique within this step, effects included
   * @throws IllegalArgumentException if an answer stands for a timeout, but there is no timeout
   * @throws dev.durable.wait.WaitTimeoutException if no answer came in time, and no answer stands
   *     for that
   * @throws dev.durable.wait.WaitCancelledException if the question was cancelled
   * @throws IllegalStateException if this body cannot wait, or has asked for that name in this run
   * @throws IllegalArgumentException if the name has a NUL character or half a surrogate pair
   */
  <A> A ask(String name, Question<A> question);

  /** Asks for an approval. */
  default Approval approval(String name, UnaryOperator<Question<Approval>> with) {
    return ask(name, with.apply(Question.approval()));
  }

  /** Asks for one of several choices. */
  default String choice(String name, List<String> choices, UnaryOperator<Question<String>> with) {
    return ask(name, with.apply(Question.choice(choices)));
  }

  /** Asks for some of several choices. */
  default List<String> multiChoice(
      String name, List<String> choices, UnaryOperator<Question<List<String>>> with) {
    return ask(name, with.apply(Question.multiChoice(choices)));
  }

  /** Asks for a text. */
  default String text(String name, UnaryOperator<Question<String>> with) {
    return ask(name, with.apply(Question.text()));
  }

  /** Asks for the components of a record. */
  default <R extends Record> R form(String name, Class<R> form, UnaryOperator<Question<R>> with) {
    return ask(name, with.apply(Question.form(form)));
  }

  /**
   * Starts another execution and waits for its result. It is started once, whatever happens.
   *
   * @param name unique within this step, effects included
   * @param with its timeout, queue, priority and close policy
   * @throws ChildFailedException if it ended without a result
   * @throws dev.durable.wait.WaitTimeoutException if it took too long; it has been cancelled
   * @throws dev.durable.wait.WaitCancelledException if the wait was cancelled, and with it the
   *     child
   * @throws IllegalStateException if this body cannot wait, or has asked for that name in this run
   * @throws IllegalArgumentException if the name has a NUL character or half a surrogate pair
   */
  <J, O> O call(String name, Workflow<J, O> child, J input, Consumer<? super ChildOptions> with);

  /** Starts another execution under its workflow's name, and waits for its result. */
  default <J, O> O call(Workflow<J, O> child, J input) {
    return call(child.name(), child, input, with -> {});
  }

  /**
   * Starts another execution and goes on. It is started once, whatever happens.
   *
   * @param name unique within this step, effects included
   * @return its id
   * @throws IllegalArgumentException if it is given a timeout, which only a call can have
   * @throws IllegalStateException if this body has asked for that name in this run
   */
  <J> UUID start(String name, Workflow<J, ?> child, J input, Consumer<? super ChildOptions> with);

  /** Starts another execution under its workflow's name, and goes on. */
  default <J> UUID start(Workflow<J, ?> child, J input) {
    return start(child.name(), child, input, with -> {});
  }
}
