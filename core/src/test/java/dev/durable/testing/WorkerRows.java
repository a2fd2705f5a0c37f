package dev.durable.testing;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Workers that exist only as rows, and changes of the rows of live ones. */
public interface WorkerRows extends TestSql {

  /** The leases of all workers have run out. */
  default void expireLeases() {
    setHeartbeatsBack(Duration.ofHours(1));
  }

  /** The lease of one worker has run out. */
  default void expireLease(String worker) {
    update(
        "update durable.workers set heartbeat_at = heartbeat_at - interval '1 hour' where name = ?",
        worker);
  }

  /** The last heartbeat of each worker was that much earlier. */
  default void setHeartbeatsBack(Duration time) {
    update(
        "update durable.workers set heartbeat_at = heartbeat_at - ? * interval '1 microsecond'",
        TimeUnit.MICROSECONDS.convert(time));
  }

  /**
   * Inserts a worker whose lease ran out an hour ago, and that has not been declared dead.
   *
   * @return its id, for {@code locked_by}
   */
  default UUID createLostWorker() {
    return createWorker("lost", Duration.ofSeconds(1), Duration.ofHours(1));
  }

  /**
   * Inserts a worker that counts as alive for an hour, and runs nothing.
   *
   * @return its id, for {@code locked_by}
   */
  default UUID createIdleWorker() {
    return createWorker("idle", Duration.ofHours(1), Duration.ZERO);
  }

  /**
   * Inserts a worker that has been declared dead, and whose executions have not been taken over.
   *
   * @return its id, for {@code locked_by}
   */
  default UUID createDeadWorker() {
    UUID worker = createWorker("dead", Duration.ofHours(1), Duration.ZERO);
    declareDead(worker);
    return worker;
  }

  private UUID createWorker(String name, Duration lease, Duration sinceHeartbeat) {
    UUID worker = UUID.randomUUID();
    update(
        """
        insert into durable.workers
          (id, name, queues, definitions, lease, started_at, heartbeat_at)
        values (?, ?, '[]', '[]', ? * interval '1 second', now(), now() - ? * interval '1 second')
        """,
        worker,
        name,
        lease.toSeconds(),
        sinceHeartbeat.toSeconds());
    return worker;
  }

  /** Declares a worker dead, as another worker does. */
  default void declareDead(UUID worker) {
    update("update durable.workers set dead_at = now() where id = ?", worker);
  }

  /** Removes all workers, as if none had ever registered. */
  default void deleteWorkers() {
    script("delete from durable.workers");
  }
}
