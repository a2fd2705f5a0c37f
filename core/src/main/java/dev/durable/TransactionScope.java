package dev.durable;

/**
 * Operations inside the caller's own transaction: they commit or roll back with it. Nothing here
 * commits, and nothing is seen by a worker before the caller commits. When the database has refused
 * a statement, the transaction can only be rolled back. As thread-safe as the connection, which is
 * not.
 */
public interface TransactionScope extends DurableOperations {

  /**
   * The same, but workers are not told: they find out when they next look ({@code pollInterval}).
   *
   * <p>Otherwise the transaction tells them with {@code NOTIFY}, the moment it commits. PostgreSQL
   * then refuses {@code PREPARE TRANSACTION}, refuses everything when its queue of notifications is
   * full, and lets such transactions commit one after the other.
   */
  TransactionScope quietly();
}
