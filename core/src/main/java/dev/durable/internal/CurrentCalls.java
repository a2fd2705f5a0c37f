package dev.durable.internal;

import dev.durable.DurableOperations;
import dev.durable.StartOptions;
import dev.durable.execution.ExecutionHandle;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.SendOptions;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Operations of which each call chooses the transaction: hands it on. */
interface CurrentCalls extends DurableOperations {

  /** The operations of the transaction that the thread is in, or those of the instance. */
  DurableOperations operations();

  @Override
  default <I, O> ExecutionHandle<O> start(
      Workflow<I, O> workflow, I input, Consumer<? super StartOptions> with) {
    return operations().start(workflow, input, with);
  }

  @Override
  default ExecutionHandle<String> start(
      String workflow, String json, Consumer<? super StartOptions> with) {
    return operations().start(workflow, json, with);
  }

  @Override
  default <I, O> List<ExecutionHandle<O>> startAll(
      Workflow<I, O> workflow, List<I> inputs, BiConsumer<? super I, ? super StartOptions> with) {
    return operations().startAll(workflow, inputs, with);
  }

  @Override
  default <I, O, E> ExecutionHandle<O> startAndSend(
      Workflow<I, O> workflow,
      I input,
      Event<E> event,
      E payload,
      Consumer<? super StartOptions> with) {
    return operations().startAndSend(workflow, input, event, payload, with);
  }

  @Override
  default <E> Delivery send(
      UUID id, Event<E> event, E payload, Consumer<? super SendOptions> with) {
    return operations().send(id, event, payload, with);
  }

  @Override
  default Delivery send(UUID id, String event, String json, Consumer<? super SendOptions> with) {
    return operations().send(id, event, json, with);
  }

  @Override
  default <E> Delivery sendByKey(
      Workflow<?, ?> workflow,
      String key,
      Event<E> event,
      E payload,
      Consumer<? super SendOptions> with) {
    return operations().sendByKey(workflow, key, event, payload, with);
  }

  @Override
  default Delivery sendByKey(
      String workflow, String key, String event, String json, Consumer<? super SendOptions> with) {
    return operations().sendByKey(workflow, key, event, json, with);
  }

  @Override
  default void cancel(UUID id, String reason) {
    operations().cancel(id, reason);
  }

  @Override
  default void retry(UUID id) {
    operations().retry(id);
  }

  @Override
  default void giveUp(UUID id, String reason) {
    operations().giveUp(id, reason);
  }

  @Override
  default void reschedule(UUID id, Instant time) {
    operations().reschedule(id, time);
  }

  @Override
  default void reschedule(UUID id, Duration wait) {
    operations().reschedule(id, wait);
  }

  @Override
  default void cancelWaits(UUID id) {
    operations().cancelWaits(id);
  }

  @Override
  default void cancelWait(UUID id, String path) {
    operations().cancelWait(id, path);
  }
}
