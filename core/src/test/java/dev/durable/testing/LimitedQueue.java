package dev.durable.testing;

import dev.durable.internal.store.client.RegistrationStore;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.ClaimRoom;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.KnownLimits;
import dev.durable.internal.store.worker.LimitedClaim;
import dev.durable.internal.store.worker.OrphanStore;
import dev.durable.internal.store.worker.WorkerStore;
import dev.durable.internal.store.worker.WorkerStore.Duties;
import dev.durable.queue.QueueOptions;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javax.sql.DataSource;

/** The queue {@code default} with limits, rows of {@code order@1} in it, and claims from it. */
public final class LimitedQueue {

  private static final List<String> DEFINITIONS = List.of("order@1");
  private static final String QUEUE = "default";

  private final TestDatabase db;
  private final Database database;
  private final Schema schema = new Schema("durable");
  private final ClaimStore claims = new ClaimStore(schema);

  public LimitedQueue(TestDatabase db) {
    this(db, db.dataSource());
    db.deleteExecutions();
    db.deleteWorkers();
    db.script("delete from durable.queues");
  }

  private LimitedQueue(TestDatabase db, DataSource dataSource) {
    this.db = db;
    this.database = new Database(dataSource);
  }

  /** The same queue by other connections, for what a worker does. */
  public LimitedQueue over(DataSource dataSource) {
    return new LimitedQueue(db, dataSource);
  }

  /** Declares limits, as a worker that starts. */
  public void declare(Consumer<QueueOptions> with) {
    new RegistrationStore(database, schema)
        .putQueues(Set.of(QUEUE), Map.of(QUEUE, QueueOptions.of(with)));
  }

  /** Declares limits, and enforces them as a worker's first claim does. */
  public UUID limit(Consumer<QueueOptions> with) {
    declare(with);
    UUID worker = worker();
    keepInOrder(worker);
    return worker;
  }

  /** Registers a worker. */
  public UUID worker() {
    UUID worker = TimeOrderedIds.next();
    new WorkerStore(database, schema)
        .register(
            worker,
            "w",
            new Duties(Set.of(QUEUE), DEFINITIONS, List.of(), List.of()),
            Duration.ofHours(1));
    return worker;
  }

  /** Adds due executions; their keys and times are SQL of {@code n}. */
  public void add(int count, String key, int priority, String due) {
    db.script(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, status, priority, input, wake_at, limit_key,
           inserted_at, updated_at)
        select gen_random_uuid(), 'order', 1, 'pending', %d, '{}', %s, %s, now(), now()
        from generate_series(1, %d) n
        """
            .formatted(priority, due, key, count));
  }

  /** Adds due executions of one key; those with a higher {@code n} have waited longer. */
  public void add(int count, String key) {
    add(count, "'" + key + "'", 0, "now() - n * interval '1 second'");
  }

  /** Claims; the keys of what was claimed, in its order. */
  public List<String> claim(UUID worker, int free) {
    return keys(ask(worker, free).claim());
  }

  /** Enforces limits and marks executions without a key, as a worker does after a claim. */
  public void keepInOrder(UUID worker) {
    db.script("update durable.queues set marked_at = null");
    keepInOrder(ask(worker, 0));
  }

  /** The same after a certain claim. */
  public void keepInOrder(LimitedClaim claim) {
    claims.keepInOrder(database, claim);
  }

  /** Claims once. */
  public LimitedClaim ask(UUID worker, int free) {
    return claims.claimLimited(
        database, worker, ClaimRoom.of(Map.of(QUEUE, free)), DEFINITIONS, List.of());
  }

  /** Reads the limits as a worker does. */
  public KnownLimits known(UUID worker) {
    return Objects.requireNonNull(claims.limits(database, worker), "dead");
  }

  /** Claims as from a queue without limits. */
  public Claim askUnlimited(KnownLimits worker, int free) {
    return askUnlimited(database, worker, free);
  }

  /** The same within a transaction. */
  public Claim askUnlimitedOn(Connection connection, KnownLimits worker, int free) {
    return askUnlimited(database.using(connection), worker, free);
  }

  private Claim askUnlimited(Database on, KnownLimits worker, int free) {
    return claims.claim(
        on, worker, ClaimRoom.of(Map.of(QUEUE, free)), DEFINITIONS, List.of(), false);
  }

  /** The keys of what was claimed. */
  public List<String> keys(Claim claim) {
    return claim.taken().stream()
        .map(
            taken ->
                db.rows(
                        "select limit_key from durable.workflow_executions where id = ?",
                        taken.owner().id())
                    .getFirst())
        .toList();
  }

  /** What a worker owns. */
  public List<Ownership> owned(UUID worker) {
    return new OrphanStore(database, schema).owned(worker);
  }

  /** Frees what a worker owns, as if it had not heard of it. */
  public int disown(UUID worker, Predicate<Ownership> unheardOf) {
    OrphanStore orphans = new OrphanStore(database, schema);
    return orphans.disown(orphans.owned(worker).stream().filter(unheardOf).toList());
  }

  /** All that run are completed. */
  public void completeAll() {
    db.script(
        "update durable.workflow_executions set status = 'completed', output = '1',"
            + " completed_at = now(), locked_by = null where locked_by is not null");
  }

  /** So many of the executions of a key that run end. */
  public void end(String key, int count) {
    db.update(
        """
        delete from durable.workflow_executions
        where id in (select id from durable.workflow_executions
                     where locked_by is not null and limit_key = ? limit ?)
        """,
        key,
        count);
  }

  /** All that run wait from now on, until something is sent to them. */
  public void suspend() {
    db.script(
        "update durable.workflow_executions"
            + " set status = 'waiting', locked_by = null, wake_at = now() + interval '1 day'"
            + " where locked_by is not null");
  }

  /** So many of those that wait become due. */
  public void wake(int count) {
    db.update(
        """
        update durable.workflow_executions set wake_at = now(), updated_at = now()
        where id in (select id from durable.workflow_executions
                     where status = 'waiting' order by id limit ?)
        """,
        count);
  }

  /** Lets time pass for begins and for what is due. */
  public void letPass(Duration time) {
    long micros = TimeUnit.MICROSECONDS.convert(time);
    db.script(
        """
        update durable.queues q set claimed_at = claimed_at - t.by, marked_at = marked_at - t.by,
          grant_times = array(select g - t.by from unnest(grant_times) g)
        from (select %1$d * interval '1 microsecond' as by) t;
        update durable.queue_keys q
        set grant_times = array(select g - t.by from unnest(grant_times) g)
        from (select %1$d * interval '1 microsecond' as by) t;
        update durable.workflow_executions
        set started_at = started_at - t.by, wake_at = wake_at - t.by, updated_at = updated_at - t.by,
            inserted_at = inserted_at - t.by
        from (select %1$d * interval '1 microsecond' as by) t;
        """
            .formatted(micros));
  }
}
