package dev.durable.internal.store;

import dev.durable.execution.ErrorInfo;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Workers: their heartbeats, and what becomes of the executions of a worker that has gone. */
public final class WorkerStore {

  private static final StatementTemplate REGISTER =
      new StatementTemplate(
          "WorkerStore.REGISTER",
          """
      insert into ${schema}.workers
        (id, name, queues, definitions, editions, lease, started_at, heartbeat_at)
      values (?::uuid, ?::text, ?::jsonb, ?::jsonb, ?::text[], ?::float8 * interval '1 microsecond',
              ?::timestamptz, ?::timestamptz)
      returning heartbeat_at
      """);

  /**
   * A lease that has run out is never renewed, and the workers whose lease has are declared dead in
   * the same breath. It answers with the heartbeat that it found and the one that it wrote.
   */
  private static final StatementTemplate BEAT =
      new StatementTemplate(
          "WorkerStore.BEAT",
          """
      with ${clock}, found as materialized (
        select id, heartbeat_at from ${schema}.workers
        where id = ?::uuid and dead_at is null and lease > ${time} - heartbeat_at
        for no key update
      ), alive as (
        update ${schema}.workers n set heartbeat_at = ${time} from found f where n.id = f.id
        returning f.heartbeat_at as before, n.heartbeat_at as written
      ), dead as (
        update ${schema}.workers n set dead_at = ${time}
        from (select id from ${schema}.workers
              where id <> ?::uuid and dead_at is null and lease <= ${time} - heartbeat_at
              order by id for update skip locked) d
        where n.id = d.id
      )
      select (select before from alive), (select written from alive),
             exists (select 1 from ${schema}.workers
                     where id <> ?::uuid and (dead_at is not null or lease <= ${time} - heartbeat_at))
      """);

  private static final StatementTemplate CLAIM_NOTHING =
      new StatementTemplate(
          "WorkerStore.CLAIM_NOTHING",
          "update ${schema}.workers set editions = null where id = ?::uuid");

  /** Waits for starts and claims that are under way, as every declaration of death does. */
  private static final StatementTemplate RETIRE =
      new StatementTemplate(
          "WorkerStore.RETIRE",
          """
      update ${schema}.workers set dead_at = ?::timestamptz, drained = true
      where id = (select id from ${schema}.workers where id = ?::uuid and dead_at is null for update)
      """);

  private static final StatementTemplate DEAD =
      new StatementTemplate(
          "WorkerStore.DEAD",
          "select id from ${schema}.workers where dead_at is not null order by id");

  /**
   * Gives a row to each owner that has none, because an operator deleted it, or a restored copy
   * lacks it: as a dead one, so that what it owned is taken over as from any other. The owners are
   * found by stepping through the index: one probe for each, however much it owns.
   */
  private static final StatementTemplate BURY =
      new StatementTemplate(
          "WorkerStore.BURY",
          """
      with recursive ${clock}, owners as (
        select (select e.locked_by from ${schema}.workflow_executions e
                where e.locked_by is not null order by e.locked_by limit 1) as id
        union all
        select (select e.locked_by from ${schema}.workflow_executions e
                where e.locked_by > o.id order by e.locked_by limit 1)
        from owners o where o.id is not null
      )
      insert into ${schema}.workers
        (id, name, queues, definitions, lease, started_at, heartbeat_at, dead_at)
      select o.id, 'unknown', '[]', '[]', interval '0', ${time}, ${time}, ${time}
      from owners o
      where o.id is not null
        and not exists (select 1 from ${schema}.workers n where n.id = o.id)
      on conflict do nothing
      returning 1
      """);

  /**
   * Sent before RELEASE, in one transaction with it: its snapshot then also has the {@code running}
   * rows that the owner committed while we waited for the lock. An execution that something else
   * has locked, for however long, holds up no other: it is left for the next time.
   */
  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "WorkerStore.LOCK",
          """
      with gone as materialized (
        select id from ${schema}.workers where id = ?::uuid and dead_at is not null
        for no key update skip locked
      )
      select 1 from gone g join ${schema}.workflow_executions e on e.locked_by = g.id
      order by e.id limit ?::bigint for no key update of e skip locked
      """);

  /**
   * Frees some executions of a worker that has gone. Those of a lost one are counted, and parked
   * when that happens too often; a step completed since the last claim, which was the last change
   * of the execution's row or earlier, is progress, and the count begins anew.
   */
  private static final StatementTemplate RELEASE =
      new StatementTemplate(
          "WorkerStore.RELEASE",
          """
      with ${clock}, gone as materialized (
        select id, not drained as lost from ${schema}.workers
        where dead_at is not null and id = ?::uuid for no key update skip locked
      ), locked as materialized (
        select e.id, g.lost,
               case when exists (
                      select 1 from ${schema}.step_executions s
                      where s.workflow_id = e.id and s.status = 'completed'
                        and s.completed_at >= e.updated_at)
                    then 0 else e.recoveries end as recoveries
        from gone g join ${schema}.workflow_executions e on e.locked_by = g.id
        order by e.id limit ?::bigint for no key update of e skip locked
      ), freed as materialized (
        select id, lost, recoveries, lost and recoveries >= ?::int as poison from locked
      ), released as (
        update ${schema}.workflow_executions e
        set status = case when f.poison then 'parked'
                          when e.compensation_results is not null then 'compensating'
                          else 'pending' end,
            wake_at = case when not f.poison then ${time} end,
            error = case when f.poison then pg_catalog.jsonb_object(array[
                      'type', ?::text,
                      'message', pg_catalog.replace(?::text, '%s', (f.recoveries + 1)::text)])
                    when e.compensation_results is not null then e.error end,
            recoveries = f.recoveries + case when f.lost then 1 else 0 end,
            lock_token = e.lock_token + 1, locked_by = null, updated_at = ${time}
        from freed f where e.id = f.id
        returning e.id, e.queue, e.status
      ), steps as (
        update ${schema}.step_executions s
        set status = 'failed', completed_at = ${time},
            error = pg_catalog.jsonb_object(array['type', ?::text, 'message', ?::text, 'step', s.path])
        from released r where s.workflow_id = r.id and s.status = 'running'
      )
      select pg_catalog.count(*), pg_catalog.array_agg(distinct queue) filter (where status <> 'parked') from released
      """);

  /**
   * The worker's row goes with the last of them: no start or claim of that worker can have
   * committed after dead_at was set, because both hold a key share lock on a row without it.
   */
  private static final StatementTemplate REMOVE =
      new StatementTemplate(
          "WorkerStore.REMOVE",
          """
      delete from ${schema}.workers n
      where n.id = ?::uuid and n.dead_at is not null and not exists (
        select 1 from ${schema}.workflow_executions e where e.locked_by = n.id)
      """);

  private static final StatementTemplate OWNED =
      new StatementTemplate(
          "WorkerStore.OWNED",
          "select id, lock_token from ${schema}.workflow_executions where locked_by = ?::uuid");

  /** Without a run, nothing is counted. */
  private static final StatementTemplate DISOWN =
      new StatementTemplate(
          "WorkerStore.DISOWN",
          """
      with ${clock}, released as (
        update ${schema}.workflow_executions e
        set status = case when e.compensation_results is not null then 'compensating'
                          else 'pending' end,
            wake_at = ${time}, lock_token = e.lock_token + 1,
            locked_by = null, updated_at = ${time}
        from ${rows: id uuid, token bigint} as o
        where e.id = o.id and e.lock_token = o.token and ${owned}
        returning e.id
      )
      update ${schema}.step_executions s
      set status = 'failed', completed_at = ${time},
          error = pg_catalog.jsonb_object(array['type', ?::text, 'message', ?::text, 'step', s.path])
      from released r where s.workflow_id = r.id and s.status = 'running'
      """);

  private static final StatementTemplate FENCED =
      new StatementTemplate(
          "WorkerStore.FENCED",
          """
      select o.id, o.token from ${rows: id uuid, token bigint} as o
      where not exists (
        select 1 from ${schema}.workflow_executions e
        where e.id = o.id and e.lock_token = o.token and ${owned})
      """);

  /** What is infinitely far away, by hand, is as far away as matters here. */
  private static final StatementTemplate UNTIL_DEADLINE =
      new StatementTemplate(
          "WorkerStore.UNTIL_DEADLINE",
          """
      with ${clock}
      select case when e.deadline_at is not null then (extract(epoch from
               greatest(least(e.deadline_at at time zone 'UTC',
                              (select utc from t) + interval '36500 days'),
                        (select utc from t) - interval '1 day')
               - (select utc from t)) * 1000000::numeric)::bigint end
      from ${schema}.workflow_executions e
      where e.id = ?::uuid and e.lock_token = ?::bigint and ${owned}
      """);

  static final List<StatementTemplate> STATEMENTS =
      List.of(
          REGISTER,
          BEAT,
          CLAIM_NOTHING,
          RETIRE,
          DEAD,
          BURY,
          LOCK,
          RELEASE,
          REMOVE,
          OWNED,
          DISOWN,
          FENCED,
          UNTIL_DEADLINE);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema where the tables are
   */
  public WorkerStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /**
   * What a heartbeat found.
   *
   * @param before the heartbeat in the database before this one; null if the lease was not renewed,
   *     and then it never will be
   * @param written this heartbeat; null if the lease was not renewed
   * @param deadWorkers whether executions of dead workers wait to be taken over
   */
  public record Beat(@Nullable Instant before, @Nullable Instant written, boolean deadWorkers) {}

  /**
   * What has been freed of a worker that has gone.
   *
   * @param executions how many, those that were parked included
   * @param queues where there is work now
   */
  public record Released(int executions, List<String> queues) {}

  /**
   * Makes a worker known; it is alive from now on.
   *
   * @return its first heartbeat
   */
  public Instant register(
      UUID id,
      String name,
      Collection<String> queues,
      List<String> definitions,
      List<String> editions,
      Duration lease) {
    List<Instant> written = new ArrayList<>();
    Long micros = Parameters.micros(lease);
    new Pipeline()
        .add(
            schema.of(REGISTER),
            bind ->
                bind.uuid(id)
                    .text(name)
                    .text(InternalJson.write(List.copyOf(queues)))
                    .text(InternalJson.write(definitions))
                    .texts(editions, edition -> edition)
                    .number(micros == null ? 0 : micros)
                    .now()
                    .now(),
            row -> {
              row.next();
              written.add(RowReader.requiredTime(row, "heartbeat_at"));
            })
        .execute(database, "register this worker");
    return written.getLast();
  }

  /** Renews the lease, and looks after the others. */
  public Beat beat(UUID worker, KeptConnection kept) {
    List<Beat> beats = new ArrayList<>();
    new Pipeline()
        .add(
            schema.of(BEAT),
            bind -> bind.now().uuid(worker).uuid(worker).uuid(worker),
            row -> {
              row.next();
              beats.add(
                  new Beat(
                      RowReader.time(row, "before"),
                      RowReader.time(row, "written"),
                      row.getBoolean(3)));
            })
        .execute(kept, "renew the lease of this worker");
    return beats.getLast();
  }

  /** This worker claims nothing more: what its definitions have moved may go on elsewhere. */
  public void claimsNothing(UUID worker) {
    new Pipeline()
        .add(schema.of(CLAIM_NOTHING), bind -> bind.uuid(worker))
        .execute(database, "note that this worker claims nothing more");
  }

  /** Declares this worker dead, in good order: from now on it starts and claims nothing. */
  public void retire(UUID worker) {
    new Pipeline()
        .add(schema.of(RETIRE), bind -> bind.now().uuid(worker))
        .execute(database, "retire this worker");
  }

  /** The dead workers whose executions wait to be taken over. */
  public List<UUID> deadWorkers() {
    List<UUID> dead = new ArrayList<>();
    new Pipeline()
        .add(
            schema.of(DEAD),
            bind -> {},
            row -> {
              dead.clear();
              while (row.next()) {
                dead.add(row.getObject(1, UUID.class));
              }
            })
        .execute(database, "look for dead workers");
    return dead;
  }

  /**
   * Declares those dead that own executions and have no row.
   *
   * @return how many
   */
  public int buryUnknownOwners() {
    int[] buried = {0};
    new Pipeline()
        .add(
            schema.of(BURY),
            Parameters::now,
            row -> {
              buried[0] = 0;
              while (row.next()) {
                buried[0]++;
              }
            })
        .execute(database, "look for owners that have no row");
    return buried[0];
  }

  /**
   * Frees up to {@code most} executions of a dead worker, except those that something else has
   * locked: they are left for the next time.
   *
   * @param worker which one
   * @param maxRecoveries how often an execution may lose its worker before it is parked
   * @return what was freed; fewer than {@code most} means that nothing is left of that worker which
   *     is not locked
   */
  public Released release(UUID worker, int maxRecoveries, int most) {
    List<Released> released = new ArrayList<>();
    Pipeline pipeline = new Pipeline();
    pipeline
        .add(schema.of(LOCK), bind -> bind.uuid(worker).number(most))
        .add(
            schema.of(RELEASE),
            bind ->
                bind.now()
                    .uuid(worker)
                    .number(most)
                    .number(maxRecoveries)
                    .text(ErrorInfo.TOO_MANY_RECOVERIES)
                    .text(
                        "It lost its worker %s times; the limit is "
                            + maxRecoveries
                            + ". See its last step, mend the cause, then retry it.")
                    .text(ErrorInfo.WORKER_LOST)
                    .text(
                        "The worker that ran this attempt has gone; nobody knows how far it came."),
            row -> {
              row.next();
              Array array = row.getArray(2);
              List<String> queues =
                  array == null ? List.of() : List.of((String[]) array.getArray());
              queues.forEach(queue -> pipeline.tell(Hint.work(queue)));
              released.add(new Released(row.getInt(1), queues));
            })
        .add(schema.of(REMOVE), bind -> bind.uuid(worker))
        .execute(database, "free the executions of a worker that has gone");
    return released.getLast();
  }

  /** What the worker owns. */
  public List<Ownership> owned(UUID worker) {
    List<Ownership> owned = new ArrayList<>();
    new Pipeline()
        .add(schema.of(OWNED), bind -> bind.uuid(worker), rows -> read(rows, owned))
        .execute(database, "ask what this worker owns");
    return owned;
  }

  /** Frees executions that the worker owns and does not run. */
  public void disown(List<Ownership> orphans) {
    new Pipeline()
        .add(
            schema.of(DISOWN),
            bind ->
                bind.now()
                    .uuids(orphans, Ownership::id)
                    .longs(orphans, Ownership::token)
                    .text(ErrorInfo.WORKER_LOST)
                    .text("This worker did not know that it owned the execution."))
        .execute(database, "free executions that this worker does not run");
  }

  /** Which of these their owner has lost, by cancel or takeover. */
  public List<Ownership> fenced(List<Ownership> owned, KeptConnection kept) {
    List<Ownership> lost = new ArrayList<>();
    new Pipeline()
        .add(
            schema.of(FENCED),
            bind -> bind.uuids(owned, Ownership::id).longs(owned, Ownership::token),
            rows -> read(rows, lost))
        .execute(kept, "check the ownership of long running steps");
    return lost;
  }

  private static void read(ResultSet rows, List<Ownership> into) throws SQLException {
    into.clear();
    while (rows.next()) {
      into.add(new Ownership(rows.getObject(1, UUID.class), rows.getLong(2)));
    }
  }

  /** How long until its deadline by the database clock; null if it has none, or is not owned. */
  public @Nullable Duration untilDeadline(Ownership owner) {
    List<Duration> left = new ArrayList<>();
    new Pipeline()
        .add(
            schema.of(UNTIL_DEADLINE),
            bind -> bind.now().uuid(owner.id()).number(owner.token()),
            row -> {
              Duration time = row.next() ? RowReader.micros(row, 1) : null;
              if (time != null) {
                left.add(time);
              }
            })
        .execute(database, "check the deadline of execution " + owner.id());
    return left.isEmpty() ? null : left.getLast();
  }
}
