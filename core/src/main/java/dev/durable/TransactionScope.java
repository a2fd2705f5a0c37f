package dev.durable;

import dev.durable.question.Questions;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.SendOptions;
import dev.durable.workflow.Workflow;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Operations inside the caller's own transaction: they commit or roll back with it. Nothing here
 * commits, and nothing is seen by a worker before the caller commits: until then, a handle of what
 * was started here does not find it. As thread-safe as the connection, which is not.
 */
public interface TransactionScope {

  /**
   * Starts an execution when the caller's transaction commits.
   *
   * @return its id; with a {@link StartOptions#key} perhaps that of the execution already there
   * @throws DurableException as {@link Durable#start(Workflow, Object, Consumer)}; the caller's
   *     transaction can then only be rolled back if the database refused a statement
   */
  <I> UUID start(Workflow<I, ?> workflow, I input, Consumer<? super StartOptions> with);

  /** {@link #start(Workflow, Object, Consumer)} with default options. */
  default <I> UUID start(Workflow<I, ?> workflow, I input) {
    return start(workflow, input, with -> {});
  }

  /** Starts by name, with the input as JSON. */
  UUID start(String workflow, String json, Consumer<? super StartOptions> with);

  /**
   * Cancels an execution when the caller's transaction commits.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it has ended
   */
  void cancel(UUID id, String reason);

  /** Sends an event when the caller's transaction commits. */
  <E> Delivery send(UUID id, Event<E> event, E payload, Consumer<? super SendOptions> with);

  /** {@link #send(UUID, Event, Object, Consumer)} without options. */
  default <E> Delivery send(UUID id, Event<E> event, E payload) {
    return send(id, event, payload, with -> {});
  }

  /**
   * Sends an event to the execution of that workflow with that business key, also to one that was
   * started in this transaction.
   */
  <E> Delivery sendByKey(
      Workflow<?, ?> workflow,
      String key,
      Event<E> event,
      E payload,
      Consumer<? super SendOptions> with);

  /** Questions to people; answers count when the caller's transaction commits. */
  Questions questions();

  /**
   * The same, but workers are not told: they find out when they next look ({@code pollInterval}).
   *
   * <p>Otherwise the transaction tells them with {@code NOTIFY}, the moment it commits. PostgreSQL
   * then refuses {@code PREPARE TRANSACTION}, refuses everything when its queue of notifications is
   * full, and lets such transactions commit one after the other.
   */
  TransactionScope quietly();
}
