package dev.durable.internal.client;

import dev.durable.StartOptions;
import dev.durable.TransactionScope;
import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.UncommittedStarts;
import dev.durable.internal.store.jdbc.CallerHints;
import dev.durable.internal.store.jdbc.CallerSession;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintSender;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Binds operations to a transaction: to the caller's connection, or to one of the engine's own when
 * a start and an event must be committed together.
 *
 * @param hints sends the hints of a transaction of the engine's own, after its commit
 */
public record CallerTransactions(
    Database database,
    Schema schema,
    StartRequests starts,
    ScheduleRequests schedules,
    UncommittedStarts uncommitted,
    JournalStore journal,
    Payloads payloads,
    Handles handles,
    HintSender hints) {

  public TransactionScope on(Connection connection) {
    Objects.requireNonNull(connection, "connection");
    CallerSession.require(connection);
    return scope(connection, new CallerHints(connection, schema));
  }

  private CallerTransaction scope(Connection connection, HintSender sender) {
    Database callers = database.using(connection).telling(sender);
    Stores stores = Stores.on(callers, schema);
    ExecutionStore executions = stores.executions();
    return new CallerTransaction(
        connection,
        starts,
        uncommitted,
        journal,
        executions,
        ExecutionCommands.of(stores, new ExecutionReads(stores), new LocalWorkers()),
        handles,
        new EventSender(stores.mailboxes(), executions, payloads, id -> {}),
        new StoredQuestions(stores.questions(), executions, payloads, id -> {}),
        stores,
        schedules,
        StoredQueues.of(stores, false, () -> {}),
        sender,
        () -> scope(connection, HintSender.SILENT));
  }

  /**
   * Starts an execution, or finds the one with the key, and sends it an event, in one transaction.
   */
  public <I, O, E> ExecutionHandle<O> startAndSend(
      Workflow<I, O> workflow,
      I input,
      Event<E> event,
      E payload,
      Consumer<? super StartOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(event, "event");
    StartRequests.Start start = starts.prepare(workflow, input, StartOptions.of(with));
    // The caller's objects first: if an accessor of theirs throws, no transaction has begun.
    String json = EventSender.encode(payloads, event, payload);
    uncommitted.refuse(start.row(), null);
    List<String> held = new ArrayList<>();
    CallerTransaction.Started started =
        database.inTransaction(
            "start workflow '" + workflow.name() + "' and send it '" + event.name() + "'",
            connection -> {
              held.clear();
              CallerTransaction scope = scope(connection, held::addAll);
              return scope.insertAndSend(start, event.name(), json);
            });
    hints.send(held);
    return handles.ofStarted(started.id(), started.isNew(), handles.decoder(workflow), null);
  }
}
