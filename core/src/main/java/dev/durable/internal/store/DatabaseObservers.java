package dev.durable.internal.store;

/**
 * What is learnt about a database by working with it, shared by everything that does.
 *
 * @param pool how long connections are waited for
 * @param pooler whether sessions change from transaction to transaction
 * @param contention what transactions do to each other
 */
record DatabaseObservers(PoolWatch pool, Pooler pooler, Contention contention) {

  DatabaseObservers(PoolWatch pool) {
    this(pool, new Pooler(), new Contention());
  }

  /** Looks at a failure. */
  void suspect(Throwable failure) {
    pooler.suspect(failure);
    contention.suspect(failure);
  }
}
