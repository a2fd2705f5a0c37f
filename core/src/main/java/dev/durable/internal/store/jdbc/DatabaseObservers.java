package dev.durable.internal.store.jdbc;

/**
 * Observations about a database, shared by all connections to it.
 *
 * @param pool how long threads wait for connections
 * @param pooler whether sessions change from transaction to transaction
 * @param contention deadlocks and lock timeouts
 * @param clock its time
 */
record DatabaseObservers(
    PoolWatch pool, Pooler pooler, Contention contention, DatabaseClock clock) {

  DatabaseObservers(PoolWatch pool) {
    this(pool, new Pooler(), new Contention(), new DatabaseClock());
  }

  /** Notes a failure. */
  void suspect(Throwable failure) {
    pooler.suspect(failure);
    contention.suspect(failure);
  }
}
