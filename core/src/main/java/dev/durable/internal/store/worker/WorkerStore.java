package dev.durable.internal.store.worker;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.KeptConnection;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.jdbc.StorableTime;
import dev.durable.internal.store.journal.Ownership;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Workers and their leases: registering, heartbeats, leaving, and checks of ownership. */
public final class WorkerStore {

  /**
   * Waits for limits that are being enforced in its queues: its claims will have seen them. Those
   * enforced later will find this row.
   */
  private static final StatementTemplate REGISTER =
      new StatementTemplate(
          "WorkerStore.REGISTER",
          """
      insert into ${schema}.workers
        (id, name, queues, definitions, editions, schedules, lease, started_at, heartbeat_at)
      select ?::uuid, ?::text, ?::jsonb, ?::jsonb, ?::text[], coalesce(?::text[], '{}'),
             ?::float8 * interval '1 microsecond', ?::timestamptz, ?::timestamptz
      from (select pg_catalog.count(*)
            from (select 1 from ${schema}.queues q where q.name = any (?::text[])
                  order by q.name for key share) known) as locked
      returning heartbeat_at
      """);

  /**
   * Never renews a lease that has run out, and declares the workers dead whose lease has. Returns
   * the heartbeat that it found and the one that it wrote.
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

  private static final StatementTemplate DECLARE =
      new StatementTemplate(
          "WorkerStore.DECLARE",
          """
      update ${schema}.workers
      set queues = ?::jsonb, definitions = ?::jsonb, editions = ?::text[],
          schedules = coalesce(?::text[], '{}')
      where id = ?::uuid and dead_at is null
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

  private static final StatementTemplate FENCED =
      new StatementTemplate(
          "WorkerStore.FENCED",
          """
      select o.id, o.token from ${rows: id uuid, token bigint} as o
      where not exists (
        select 1 from ${schema}.workflow_executions e
        where e.id = o.id and e.lock_token = o.token and ${owned})
      """);

  public static final List<StatementTemplate> STATEMENTS =
      List.of(REGISTER, BEAT, DECLARE, CLAIM_NOTHING, RETIRE, FENCED);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public WorkerStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /**
   * The answer to a heartbeat.
   *
   * @param before the heartbeat that was in the database before this one; null if the lease was not
   *     renewed, and then it never will be
   * @param written this heartbeat; null if the lease was not renewed
   * @param deadWorkers whether executions of dead workers are to be taken over
   */
  public record Beat(@Nullable Instant before, @Nullable Instant written, boolean deadWorkers) {}

  /**
   * What a worker works on.
   *
   * @param queues the queues that it serves
   * @param definitions what it can run, as {@code name@version}
   * @param editions the same with their hashes
   * @param schedules the names of those that its code declares
   */
  public record Duties(
      Collection<String> queues,
      List<String> definitions,
      List<String> editions,
      List<String> schedules) {

    private Parameters bind(Parameters bind) throws SQLException {
      return bind.text(InternalJson.write(List.copyOf(queues)))
          .text(InternalJson.write(definitions))
          .texts(editions, edition -> edition)
          .texts(schedules, schedule -> schedule);
    }
  }

  /**
   * Registers a worker, which is alive from now on.
   *
   * @return its first heartbeat
   */
  public Instant register(UUID id, String name, Duties duties, Duration lease) {
    Long micros = StorableTime.micros(lease);
    return database.query(
        "register this worker",
        schema.of(REGISTER),
        bind ->
            duties
                .bind(bind.uuid(id).text(name))
                .number(micros == null ? 0 : micros)
                .now()
                .now()
                .texts(List.copyOf(duties.queues), queue -> queue),
        row -> {
          row.next();
          return RowReader.requiredTime(row, "heartbeat_at");
        });
  }

  /** Writes what a worker works on now; of one that has been declared dead, nothing. */
  public void declare(UUID id, Duties duties) {
    database.update(
        "write what this worker works on", schema.of(DECLARE), bind -> duties.bind(bind).uuid(id));
  }

  /** Renews the lease, and declares the workers dead whose lease has run out. */
  public Beat beat(UUID worker, KeptConnection kept) {
    return kept.query(
        "renew the lease of this worker",
        schema.of(BEAT),
        bind -> bind.now().uuid(worker).uuid(worker).uuid(worker),
        row -> {
          row.next();
          return new Beat(
              RowReader.time(row, "before"), RowReader.time(row, "written"), row.getBoolean(3));
        });
  }

  /** Notes that this worker claims nothing more: others may continue what its definitions moved. */
  public void claimsNothing(UUID worker) {
    database.update(
        "note that this worker claims nothing more",
        schema.of(CLAIM_NOTHING),
        bind -> bind.uuid(worker));
  }

  /** Declares this worker dead, in good order: from now on it starts and claims nothing. */
  public void retire(UUID worker) {
    database.update("retire this worker", schema.of(RETIRE), bind -> bind.now().uuid(worker));
  }

  /** Returns the ownerships that have been lost, by cancel or takeover. */
  public List<Ownership> fenced(List<Ownership> owned, KeptConnection kept) {
    return kept.query(
        "check the ownership of long running steps",
        schema.of(FENCED),
        bind -> Ownership.bind(bind, owned),
        Answer.all(RowReader::ownership));
  }
}
