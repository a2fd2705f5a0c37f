package dev.durable.internal.client;

import dev.durable.DurableOperations;
import dev.durable.TransactionBinding;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HomeDatabase;
import dev.durable.internal.store.jdbc.SqlErrors;
import dev.durable.internal.transaction.CurrentTransaction;
import dev.durable.internal.transaction.Framework;
import dev.durable.question.OpenQuestion;
import dev.durable.question.QuestionQuery;
import dev.durable.question.Questions;
import dev.durable.queue.Queues;
import dev.durable.schedule.Schedules;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Chooses, at each call, between the operations of the transaction that the calling thread is in
 * and those with transactions of their own.
 */
public final class CurrentOperations {

  private final @Nullable Framework framework;
  private final CallerTransactions transactions;
  private final OwnOperations own;
  private final Questions questions;
  private final Schedules schedules;
  private final Queues queues;

  private CurrentOperations(
      @Nullable Framework framework, CallerTransactions transactions, OwnOperations own) {
    this.framework = framework;
    this.transactions = transactions;
    this.own = own;
    this.questions = framework == null ? own.questions() : new CurrentQuestions();
    this.schedules =
        framework == null ? own.schedules() : new CurrentSchedules(() -> now().schedules());
    this.queues = framework == null ? own.queues() : new CurrentQueues(() -> now().queues());
  }

  /**
   * The operations of an instance.
   *
   * @param binding finds the transaction of a thread; null if there is none to find
   * @param own the operations where the thread is in no transaction
   */
  public static CurrentOperations of(
      @Nullable TransactionBinding binding,
      Database database,
      CallerTransactions transactions,
      OwnOperations own) {
    return new CurrentOperations(
        binding == null ? null : new Framework(binding, new HomeDatabase(database)),
        transactions,
        own);
  }

  /** The framework whose transactions are found; null without one. */
  public @Nullable Framework framework() {
    return framework;
  }

  /** The operations for the calling thread, as of now. */
  public DurableOperations now() {
    Framework joined = framework;
    Connection current = joined == null ? null : CurrentTransaction.of(joined.binding());
    if (joined == null || current == null) {
      return own;
    }
    require(current, joined.home());
    return transactions.on(current);
  }

  /** The questions; each call chooses. */
  public Questions questions() {
    return questions;
  }

  /** The schedules; each call chooses. */
  public Schedules schedules() {
    return schedules;
  }

  /** The queues; each call chooses. */
  public Queues queues() {
    return queues;
  }

  private static void require(Connection current, HomeDatabase home) {
    try {
      if (current.isClosed()) {
        throw new IllegalStateException(
            "TransactionBinding.current() gave a connection that is closed. Let it return"
                + " Optional.empty() once the transaction has ended.");
      }
      if (current.getAutoCommit()) {
        throw new IllegalStateException(
            "TransactionBinding.current() gave a connection in auto-commit mode, which is in no"
                + " transaction. Let it return Optional.empty() there.");
      }
      home.require(current);
    } catch (SQLException failure) {
      throw SqlErrors.translate("take part in the current transaction", failure);
    }
  }

  private final class CurrentQuestions implements Questions {

    @Override
    public List<OpenQuestion> list(Consumer<? super QuestionQuery> filter) {
      return now().questions().list(filter);
    }

    @Override
    public OpenQuestion open(UUID execution, String name) {
      return now().questions().open(execution, name);
    }

    @Override
    public void answer(UUID execution, String name, Object answer, String by) {
      now().questions().answer(execution, name, answer, by);
    }

    @Override
    public void answerJson(UUID execution, String name, String json, String by) {
      now().questions().answerJson(execution, name, json, by);
    }

    @Override
    public void reassign(UUID execution, String name, List<String> assignees, String by) {
      now().questions().reassign(execution, name, assignees, by);
    }
  }
}
