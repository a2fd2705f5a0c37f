package dev.durable.internal.client;

import dev.durable.DurableException;
import dev.durable.StartOptions;
import dev.durable.TransactionScope;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.client.StartRequests.Start;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.UncommittedStarts;
import dev.durable.internal.store.jdbc.HintSender;
import dev.durable.internal.store.jdbc.SqlErrors;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.StartResult;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.question.Questions;
import dev.durable.queue.Queues;
import dev.durable.schedule.Schedules;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The operations of a transaction on the caller's connection. None of them commits. */
record CallerTransaction(
    Connection connection,
    StartRequests starts,
    UncommittedStarts uncommitted,
    JournalStore journal,
    ExecutionStore executions,
    ExecutionCommands commands,
    Handles handles,
    EventSender messages,
    Questions questions,
    Stores stores,
    ScheduleRequests scheduleRequests,
    Queues queues,
    HintSender hints,
    Supplier<TransactionScope> quiet)
    implements TransactionScope, Operations {

  private static final int MOST_TRIES = 10;

  @Override
  public <I, O> ExecutionHandle<O> start(
      Workflow<I, O> workflow, I input, Consumer<? super StartOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    return insert(
        starts.prepare(workflow, input, StartOptions.of(with)), handles.decoder(workflow));
  }

  @Override
  public ExecutionHandle<String> start(
      String workflow, String json, Consumer<? super StartOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(json, "json");
    return insert(starts.prepare(workflow, json, StartOptions.of(with)), (String end) -> end);
  }

  /** Prepares all before the first is written. */
  @Override
  public <I, O> List<ExecutionHandle<O>> startAll(
      Workflow<I, O> workflow, List<I> inputs, BiConsumer<? super I, ? super StartOptions> with) {
    List<Start> prepared = starts.prepareAll(workflow, inputs, with);
    Function<String, @Nullable O> decoder = handles.decoder(workflow);
    return prepared.stream().map(start -> insert(start, decoder)).toList();
  }

  @Override
  public <I, O, E> ExecutionHandle<O> startAndSend(
      Workflow<I, O> workflow,
      I input,
      Event<E> event,
      E payload,
      Consumer<? super StartOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(event, "event");
    Start start = starts.prepare(workflow, input, StartOptions.of(with));
    String json = messages.encode(event, payload);
    Started started = insertAndSend(start, event.name(), json);
    return handles.ofUncommitted(started.id(), started.isNew(), handles.decoder(workflow));
  }

  private <O> ExecutionHandle<O> insert(Start start, Function<String, @Nullable O> decoder) {
    Started started = insert(start);
    return handles.ofUncommitted(started.id(), started.isNew(), decoder);
  }

  @Override
  public Schedules schedules() {
    return StoredSchedules.of(
        stores, scheduleRequests, start -> insert(start, (String end) -> end));
  }

  @Override
  public TransactionScope quietly() {
    return quiet.get();
  }

  /**
   * Starts an execution, or finds the one with the key, and sends it an event; refuses if that has
   * ended. One that ends after it was found is not found by a second start, if that is to restart.
   */
  Started insertAndSend(Start start, String event, String json) {
    Started started = insert(start);
    Delivery delivery = messages.send(started.id(), event, json, with -> {});
    if (delivery == Delivery.CLOSED && !start.acceptsEnded()) {
      started = insert(start);
      delivery = messages.send(started.id(), event, json, with -> {});
    }
    if (delivery == Delivery.CLOSED) {
      throw closed(started.id(), event);
    }
    return started;
  }

  private ExecutionStateException closed(UUID id, String event) {
    ExecutionStatus status =
        executions.find(id).map(Execution::status).orElse(ExecutionStatus.CANCELLED);
    return new ExecutionStateException(
        "Cannot send event '"
            + event
            + "' to execution "
            + id
            + ", which has the key: it is already "
            + status.text()
            + ". Start another one with a key of its own, or with ifEnded(RESTART).",
        status);
  }

  /**
   * A start that was written.
   *
   * @param isNew false if its key was there already
   */
  record Started(UUID id, boolean isNew) {}

  /** Writes a start; again if the execution that kept it out has just begun, or been deleted. */
  private JournalStore.Batch written(StartRow row) throws SQLException {
    JournalStore.Batch batch = JournalStore.Batch.ofStarts(List.of(row));
    journal.within(connection, batch);
    for (int tries = 1; batch.started(row) == null && tries < MOST_TRIES; tries++) {
      batch = JournalStore.Batch.ofStarts(List.of(row));
      journal.within(connection, batch);
    }
    return batch;
  }

  Started insert(Start start) throws DurableException {
    StartRow row = start.row();
    uncommitted.refuse(row, connection);
    try {
      JournalStore.Batch batch = written(row);
      StartResult result = batch.started(row);
      if (result == null) {
        throw new SQLException(
            "the execution that had the key of " + row.id() + " is being deleted", "40001");
      }
      if (result.added() || result.replaced()) {
        uncommitted.add(row, connection);
      }
      UUID id = start.accept(result);
      hints.send(batch.hints());
      return new Started(id, result.added());
    } catch (SQLException refused) {
      throw SqlErrors.translate("start workflow '" + row.workflow() + "'", refused);
    }
  }
}
