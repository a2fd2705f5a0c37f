package dev.durable.testing;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Samples how many executions are owned, in all and of each key, until it is closed. */
public final class OwnedWatch implements AutoCloseable {

  private static final String OWNED =
      """
      select unnest(array[coalesce(sum(n), 0), coalesce(max(n) filter (where key <> ''), 0)])
      from (select limit_key as key, count(*) as n from durable.workflow_executions
            where locked_by is not null group by limit_key) k
      """;

  private final TestDatabase db;
  private final ConcurrentLinkedQueue<String> exceeded = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile Limit limit;
  private volatile @Nullable Limit next;
  private volatile boolean closed;
  private volatile int most;
  private int changes;

  /**
   * @param change the number of the change that set it: no two are equal
   */
  private record Limit(int all, int perKey, int change) {

    boolean holds(List<Integer> owned) {
      return owned.getFirst() <= all && owned.getLast() <= perKey;
    }

    Limit or(Limit other) {
      return new Limit(Math.max(all, other.all), Math.max(perKey, other.perKey), other.change);
    }
  }

  /** Watches limits that hold already. */
  public OwnedWatch(TestDatabase db, int all, int perKey) {
    this.db = db;
    this.limit = new Limit(all, perKey, changes);
    this.thread = Thread.startVirtualThread(this::run);
  }

  private void run() {
    while (!closed) {
      Limit now = limit;
      Limit lowered = next;
      judge(now, lowered, db.rows(OWNED).stream().map(Integer::valueOf).toList());
      LockSupport.parkNanos(500_000);
    }
  }

  /** What was sampled while limits changed is not held against them. */
  private synchronized void judge(Limit now, @Nullable Limit lowered, List<Integer> owned) {
    most = Math.max(most, owned.getFirst());
    if (limit.equals(now) && !now.holds(owned)) {
      exceeded.add(owned + " of " + now);
    }
    if (lowered != null && lowered.equals(next) && lowered.holds(owned)) {
      limit = lowered;
      next = null;
    }
  }

  /** Changes limits; lower ones hold once what began before has ended. For one thread. */
  public void change(int all, int perKey, Runnable change) {
    Limit changed = new Limit(all, perKey, ++changes);
    begin(changed);
    change.run();
    next = changed;
  }

  private synchronized void begin(Limit changed) {
    next = null;
    limit = limit.or(changed);
  }

  /** Waits until the limits that were set last hold. */
  public void awaitHeld() {
    Gate.until(() -> next == null);
  }

  /** The samples with more than the limit. */
  public List<String> exceeded() {
    return List.copyOf(exceeded);
  }

  /** The most that were owned at a time. */
  public int most() {
    return most;
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    thread.join();
  }
}
