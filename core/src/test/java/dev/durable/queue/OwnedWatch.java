package dev.durable.queue;

import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Samples how many executions are owned, in all and of each key, until it is closed. */
final class OwnedWatch implements AutoCloseable {

  private static final String OWNED =
      """
      select unnest(array[coalesce(sum(n), 0), coalesce(max(n), 0)]) from (
        select count(*) as n from durable.workflow_executions
        where locked_by is not null group by limit_key) k
      """;

  private final TestDatabase db;
  private final ConcurrentLinkedQueue<String> exceeded = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile Limit limit;
  private volatile boolean closed;
  private volatile int most;

  private record Limit(int all, int perKey) {}

  OwnedWatch(TestDatabase db, int all, int perKey) {
    this.db = db;
    this.limit = new Limit(all, perKey);
    this.thread = Thread.startVirtualThread(this::run);
  }

  private void run() {
    while (!closed) {
      // Read first: a limit is raised here before it is in the database.
      Limit now = limit;
      List<Integer> owned = owned();
      most = Math.max(most, owned.getFirst());
      if ((owned.getFirst() > now.all || owned.getLast() > now.perKey) && limit.equals(now)) {
        exceeded.add(owned + " of " + now);
      }
    }
  }

  private List<Integer> owned() {
    return db.rows(OWNED).stream().map(Integer::valueOf).toList();
  }

  /** Raises limits, by columns of the queue. */
  void raise(String columns, int all, int perKey) {
    limit = new Limit(all, perKey);
    set(columns);
  }

  /** Lowers limits, and holds workers to them once what ran before has ended. */
  void lower(String columns, int all, int perKey) {
    set(columns);
    Gate.until(() -> owned().getFirst() <= all && owned().getLast() <= perKey);
    limit = new Limit(all, perKey);
  }

  private void set(String columns) {
    db.script("update durable.queues set " + columns + " where name = 'jobs'");
  }

  List<String> exceeded() {
    return List.copyOf(exceeded);
  }

  int most() {
    return most;
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    thread.join();
  }
}
