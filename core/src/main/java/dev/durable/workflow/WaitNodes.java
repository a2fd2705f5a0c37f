package dev.durable.workflow;

import dev.durable.json.TypeRef;
import dev.durable.question.Question;
import dev.durable.wait.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Nodes that wait, at no cost. {@code (name, what)} hands on what came, {@code (name, what, into)}
 * puts it into the data, {@code (name, type, what, into)} makes another type of both; options come
 * last. By default a wait that runs into its timeout, or is cancelled, fails.
 *
 * @param <I> the workflow's input
 * @param <T> what the last node so far hands on
 */
public sealed interface WaitNodes<I, T> permits WorkflowBuilder {

  // ---- time ----

  /** Rests for a time. */
  default WorkflowBuilder<I, T> sleep(String name, Duration time) {
    Objects.requireNonNull(time, "time");
    return sleep(name, data -> time);
  }

  /** Rests for a time that depends on the data. */
  WorkflowBuilder<I, T> sleep(String name, StepFunction<? super T, Duration> time);

  /** Rests until a point in time; one in the past is over at once. */
  WorkflowBuilder<I, T> sleepUntil(String name, StepFunction<? super T, Instant> time);

  // ---- an event ----

  /** Waits for an event, and hands it on. */
  default <E> WorkflowBuilder<I, E> await(String name, Event<E> event) {
    return await(name, event, with -> {});
  }

  /** Waits for an event, and hands it on; with options. */
  default <E> WorkflowBuilder<I, E> await(
      String name, Event<E> event, Consumer<? super AwaitOptions<T, E>> with) {
    Objects.requireNonNull(event, "event");
    return await(name, event.type(), event, (data, came) -> came, with);
  }

  /** Waits for an event that goes into the data. */
  default <E> WorkflowBuilder<I, T> await(
      String name, Event<E> event, Into<? super T, ? super E, ? extends T> into) {
    return await(name, event, into, with -> {});
  }

  /** Waits for an event that goes into the data; with options. */
  <E> WorkflowBuilder<I, T> await(
      String name,
      Event<E> event,
      Into<? super T, ? super E, ? extends T> into,
      Consumer<? super AwaitOptions<T, T>> with);

  /** Waits for an event, and makes another type of it and the data. */
  default <E, O> WorkflowBuilder<I, O> await(
      String name, Class<O> type, Event<E> event, Into<? super T, ? super E, ? extends O> into) {
    return await(name, TypeRef.of(type), event, into, with -> {});
  }

  /** Waits for an event, and makes another type of it and the data; with options. */
  default <E, O> WorkflowBuilder<I, O> await(
      String name,
      Class<O> type,
      Event<E> event,
      Into<? super T, ? super E, ? extends O> into,
      Consumer<? super AwaitOptions<T, O>> with) {
    return await(name, TypeRef.of(type), event, into, with);
  }

  /** Waits for an event, and makes another type of it and the data. */
  default <E, O> WorkflowBuilder<I, O> await(
      String name, TypeRef<O> type, Event<E> event, Into<? super T, ? super E, ? extends O> into) {
    return await(name, type, event, into, with -> {});
  }

  /** Waits for an event, and makes another type of it and the data; with options. */
  <E, O> WorkflowBuilder<I, O> await(
      String name,
      TypeRef<O> type,
      Event<E> event,
      Into<? super T, ? super E, ? extends O> into,
      Consumer<? super AwaitOptions<T, O>> with);

  // ---- several events ----

  /**
   * Waits for the first of several events: {@code any -> any.on(PAID, Order::paid).on(…)}. The
   * others stay in the mailbox.
   */
  default WorkflowBuilder<I, T> awaitAny(String name, Consumer<? super OnEvents<T, T>> events) {
    return awaitAny(name, events, with -> {});
  }

  /**
   * Waits for the first of several events: {@code any -> any.on(PAID, Order::paid).on(…)}; with
   * options. The others stay in the mailbox.
   */
  WorkflowBuilder<I, T> awaitAny(
      String name,
      Consumer<? super OnEvents<T, T>> events,
      Consumer<? super AwaitOptions<T, T>> with);

  /** Waits for the first of several events, each of which makes another type of the data. */
  default <O> WorkflowBuilder<I, O> awaitAny(
      String name, Class<O> type, Consumer<? super OnEvents<T, O>> events) {
    return awaitAny(name, TypeRef.of(type), events, with -> {});
  }

  /**
   * Waits for the first of several events, each of which makes another type of the data; with
   * options.
   */
  default <O> WorkflowBuilder<I, O> awaitAny(
      String name,
      Class<O> type,
      Consumer<? super OnEvents<T, O>> events,
      Consumer<? super AwaitOptions<T, O>> with) {
    return awaitAny(name, TypeRef.of(type), events, with);
  }

  /** Waits for the first of several events, each of which makes another type of the data. */
  default <O> WorkflowBuilder<I, O> awaitAny(
      String name, TypeRef<O> type, Consumer<? super OnEvents<T, O>> events) {
    return awaitAny(name, type, events, with -> {});
  }

  /**
   * Waits for the first of several events, each of which makes another type of the data; with
   * options.
   */
  <O> WorkflowBuilder<I, O> awaitAny(
      String name,
      TypeRef<O> type,
      Consumer<? super OnEvents<T, O>> events,
      Consumer<? super AwaitOptions<T, O>> with);

  /** Waits until each of several events has come; they go into the data in the order given. */
  default WorkflowBuilder<I, T> awaitAll(String name, Consumer<? super OnEvents<T, T>> events) {
    return awaitAll(name, events, with -> {});
  }

  /**
   * Waits until each of several events has come; with options. After a timeout those that came stay
   * in the mailbox.
   */
  WorkflowBuilder<I, T> awaitAll(
      String name,
      Consumer<? super OnEvents<T, T>> events,
      Consumer<? super AwaitOptions<T, T>> with);

  // ---- a person ----

  /**
   * Asks a person, and hands on the answer: {@code e -> Question.approval("Approve " + e.euros())}.
   */
  default <A> WorkflowBuilder<I, A> ask(
      String name, Class<A> type, StepFunction<? super T, Question<A>> question) {
    return ask(name, type, question, with -> {});
  }

  /** Asks a person, and hands on the answer; with options. */
  default <A> WorkflowBuilder<I, A> ask(
      String name,
      Class<A> type,
      StepFunction<? super T, Question<A>> question,
      Consumer<? super AwaitOptions<T, A>> with) {
    return ask(name, TypeRef.of(type), question, with);
  }

  /** Asks a person, and hands on the answer, which has a generic type. */
  default <A> WorkflowBuilder<I, A> ask(
      String name, TypeRef<A> type, StepFunction<? super T, Question<A>> question) {
    return ask(name, type, question, with -> {});
  }

  /** Asks a person, and hands on the answer, which has a generic type; with options. */
  default <A> WorkflowBuilder<I, A> ask(
      String name,
      TypeRef<A> type,
      StepFunction<? super T, Question<A>> question,
      Consumer<? super AwaitOptions<T, A>> with) {
    return ask(name, type, question, (data, answer) -> answer, with);
  }

  /** Asks a person; the answer goes into the data. */
  default <A> WorkflowBuilder<I, T> ask(
      String name,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, ? super A, ? extends T> into) {
    return ask(name, question, into, with -> {});
  }

  /** Asks a person; the answer goes into the data; with options. */
  <A> WorkflowBuilder<I, T> ask(
      String name,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, ? super A, ? extends T> into,
      Consumer<? super AwaitOptions<T, T>> with);

  /** Asks a person, and makes another type of the data and the answer. */
  default <A, O> WorkflowBuilder<I, O> ask(
      String name,
      Class<O> type,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, ? super A, ? extends O> into) {
    return ask(name, TypeRef.of(type), question, into, with -> {});
  }

  /** Asks a person, and makes another type of the data and the answer; with options. */
  default <A, O> WorkflowBuilder<I, O> ask(
      String name,
      Class<O> type,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, ? super A, ? extends O> into,
      Consumer<? super AwaitOptions<T, O>> with) {
    return ask(name, TypeRef.of(type), question, into, with);
  }

  /** Asks a person, and makes another type of the data and the answer. */
  default <A, O> WorkflowBuilder<I, O> ask(
      String name,
      TypeRef<O> type,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, ? super A, ? extends O> into) {
    return ask(name, type, question, into, with -> {});
  }

  /** Asks a person, and makes another type of the data and the answer; with options. */
  <A, O> WorkflowBuilder<I, O> ask(
      String name,
      TypeRef<O> type,
      StepFunction<? super T, Question<A>> question,
      Into<? super T, ? super A, ? extends O> into,
      Consumer<? super AwaitOptions<T, O>> with);
}
