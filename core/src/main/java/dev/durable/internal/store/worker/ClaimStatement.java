package dev.durable.internal.store.worker;

import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The statement that claims due executions for a worker. {@link LaneSql} has the lanes that it
 * reads, {@link RoomSql} the choice of what fits.
 */
public final class ClaimStatement {

  /**
   * Claims, of each queue and from its highest priority down, the first due rows that no other
   * worker has locked. In each lane it reads as many rows as there is room for, and some more in
   * case that others have locked those; of the rows that have slept and are due it reads the oldest
   * {@code reach}. They are put in order and locked one by one, until there are enough. A worker
   * that has been declared dead claims nothing, and a claim that finds nothing writes nothing. One
   * more row says when the next execution will be due.
   *
   * <p>The index keeps the entries of claimed executions until the table is vacuumed, so a claim
   * from the first row passes all that were claimed since. A claim may go on instead behind the row
   * of a lane that an earlier one took last: it reads the rest of that row's priority, and then the
   * lower ones.
   *
   * <p>An execution that is claimed for the first time has no history, unless a signal has been
   * sent to it: so most first claims need no other statement.
   *
   * <p>The row is found again by its ctid, and its time is checked once more: another worker may
   * have claimed it since.
   *
   * <p>Limited queues are left to {@link LimitedClaimStatement}. If one has become limited of which
   * the worker does not know, nothing is taken: its limits are not enforced yet, or the worker's
   * epoch is another one.
   */
  private static final StatementTemplate CLAIM =
      new StatementTemplate(
          "ClaimStatement.CLAIM",
          filled(
              """
      with recursive ${clock}, ${asked}, wanted as materialized (
        select w.queue, w.free, w.reach
        from (select pg_catalog.unnest(a.queues) as queue, pg_catalog.unnest(a.free) as free,
                     pg_catalog.unnest(a.reach) as reach
              from asked a) w
      ), ${lanes}, ${room}, found as materialized (
        select m.queue, c.tid, c.asleep, c.priority, c.wake_at, c.id
        from mine m cross join lateral (
          (select b.* from (
             (select e.ctid as tid, false as asleep, e.priority, e.wake_at, e.id
              from ${schema}.workflow_executions e
              where ${in_lane} and ${turn} = m.after_priority
                and (e.wake_at, e.id) > (m.after_time, m.after_id) and e.wake_at <= ${time} and ${bearable}
              ${in_turn} limit m.reach)
             union all
             (select e.ctid as tid, false as asleep, e.priority, e.wake_at, e.id
              from ${schema}.workflow_executions e
              where ${in_lane} and ${turn} < coalesce(m.after_priority::bigint, ${any_priority})
                and e.wake_at <= ${time} and ${bearable}
              ${in_turn} limit m.reach)) b
           limit m.reach)
          union all
          (select e.ctid as tid, true as asleep, e.priority, e.wake_at, e.id
           from ${schema}.workflow_executions e
           where ${in_lane} and ${turn} is null and e.wake_at <= ${time}
             and ${bearable}
           ${in_turn} limit greatest(m.reach, ${window}))) c
      ), due as materialized (
        select w.queue, d.tid, d.asleep, d.priority, d.wake_at, d.recoveries, d.bytes
        from wanted w cross join lateral (
          select f.tid, f.asleep, f.priority, f.wake_at, c.recoveries, c.bytes
          from (select f.* from found f where f.queue = w.queue
                order by f.priority desc, f.wake_at, f.id limit greatest(w.reach, ${window})) f
          cross join lateral (
            select e.recoveries, pg_catalog.octet_length(e.input::text) as bytes
            from ${schema}.workflow_executions e
            where e.ctid = f.tid and e.wake_at <= ${time}
            for no key update skip locked
          ) c
          limit w.free
        ) d
      ), ${fitting}, live as materialized (
        select n.id from ${schema}.workers n
        where n.id = ?::uuid and n.dead_at is null and n.limit_epoch = ?::bigint
          and exists (select 1 from fitting)
          and not exists (select 1 from ${schema}.queues q
                          where q.limited and not q.enforced
                            and q.name = any ((select a.queues from asked a)::text[]))
        for key share
      ), claimed as (
        update ${schema}.workflow_executions e
        set status = case when e.status = 'compensating' then e.status else 'running' end,
            locked_by = live.id, lock_token = e.lock_token + 1,
            started_at = coalesce(e.started_at, ${time}), wake_at = null, updated_at = ${time}
        from fitting f, live
        where e.ctid = f.tid
        returning e.id, e.lock_token, e.workflow_name, e.workflow_version, e.fingerprint,
                  coalesce(e.workflow_key, e.former_key) as workflow_key, e.queue, e.tags, e.input,
                  ${until: e.deadline_at} as remaining,
                  e.compensation_results, e.parent_workflow_id is not null as child,
                  f.bytes, f.suspect, f.n,
                  e.lock_token > 1 or exists (
                    select 1 from ${schema}.pending_events p
                    where p.workflow_id::text = e.id::text and p.status = 'pending' offset 0) as past,
                  case when not f.asleep then f.priority end as turn, f.wake_at,
                  e.schedule_name, e.scheduled_for
      ), next as (
        select pg_catalog.min((select e.wake_at from ${schema}.workflow_executions e
                    where ${in_lane} and ${turn} is null and e.wake_at > ${time}
                    ${in_turn} limit 1)) as wake_at
        from mine m
      )
      select c.*,
             (select case when wake_at is not null then (extract(epoch from
                least(wake_at at time zone 'UTC', (select utc from t) + interval '1 day')
                - (select utc from t)) * 1000000::numeric)::bigint end from next) as next,
             (select pg_catalog.count(*) from due) > (select pg_catalog.count(*) from fitting) as more,
             exists (
               select 1 from wanted w
               where w.free > (select pg_catalog.count(*) from due d where d.queue = w.queue)
                 and w.reach <= (select pg_catalog.count(*) from found f where f.queue = w.queue)) as beyond,
             ${crowd} as crowd,
             exists (select 1 from fitting) and not exists (select 1 from live) as refused
      from (select 1) as always left join claimed c on true
      """));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(CLAIM);

  private final String claim;

  ClaimStatement(Schema schema) {
    this.claim = schema.of(CLAIM);
  }

  private static String filled(String text) {
    return LaneSql.filled(RoomSql.filled(text));
  }

  /**
   * Claims once.
   *
   * @param worker the claiming worker, and the limits that it knows
   * @param spare how many rows to read in each lane beyond the room that there is
   * @param places the rows behind which to go on; a lane without one is read from its first row
   */
  ClaimReader.Look claim(
      SqlRunner runner,
      KnownLimits worker,
      ClaimRoom room,
      List<Edition> runs,
      int spare,
      Map<Lane, Lane.Place> places) {
    return runner.query(
        "claim due executions",
        claim,
        bind -> {
          List<Lane> lanes = Lane.all(room.free().keySet(), runs);
          LaneSql.bind(bind.now(), lanes, room, spare, places).uuid(worker.id());
          RoomSql.bind(bind, room).uuid(worker.id()).number(worker.epoch());
        },
        ClaimStatement::read);
  }

  private static ClaimReader.Look read(ResultSet rows) throws SQLException {
    AtomicBoolean refused = new AtomicBoolean();
    ClaimReader.Look look = ClaimReader.read(rows, row -> refused.set(row.getBoolean("refused")));
    return refused.get() ? look.refused() : look;
  }
}
