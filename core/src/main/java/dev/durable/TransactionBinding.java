package dev.durable;

import java.sql.Connection;
import java.util.Optional;

/**
 * Lets Durable take part in the transactions of an application's framework, such as Spring, jOOQ or
 * Jdbi: {@code Durable.on(dataSource).transactions(binding)}. What is started, sent or answered
 * while a thread is in such a transaction commits with it, and the framework begins and commits the
 * transactions of steps, so that its data access takes part in them. Implementations are
 * thread-safe.
 */
public interface TransactionBinding {

  /**
   * The connection of the transaction that the calling thread is in; empty if it is in none, and
   * while the framework has suspended it. Never null. Asked at each operation of {@link Durable},
   * which then refuses a connection as {@link Durable#using} does, and one of another database.
   * Durable does not close it.
   */
  Optional<Connection> current();

  /**
   * Begins a new transaction on the calling thread, runs the work in it once, and commits; rolls
   * back if the work throws, and throws that on. While the work runs, {@link #current()} gives the
   * same connection. Durable asks the database after each call whether the transaction was
   * committed, so an exception that is thrown after the commit changes nothing, and one that does
   * not commit fails the step.
   *
   * @param work what is done in the transaction; refuses to be run twice or on another thread
   * @return what the work returned
   * @throws Exception what the work throws, or the framework
   */
  <R> R inNewTransaction(Work<R> work) throws Exception;

  /**
   * What is done in a new transaction.
   *
   * @param <R> what it returns
   */
  @FunctionalInterface
  interface Work<R> {

    /**
     * Does it.
     *
     * @param connection of the new transaction, which is not in auto-commit mode
     * @throws Exception anything: the transaction is to be rolled back
     */
    R on(Connection connection) throws Exception;
  }
}
