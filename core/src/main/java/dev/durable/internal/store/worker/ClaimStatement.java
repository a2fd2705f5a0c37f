package dev.durable.internal.store.worker;

import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The statements that claim due executions for a worker, and their parameters. */
public final class ClaimStatement {

  /** How many rows that have slept a claim reads in each lane. */
  private static final int WINDOW = 512;

  /**
   * The arrays, out of the planner's sight: if it knew how long they are, a plan for that would
   * seem to be so much cheaper than one for any length that it would plan each claim anew, which
   * takes as long as claiming.
   */
  private static final String ASKED =
      """
      asked as materialized (
        select ?::text[] as lane_queues, ?::text[] as names, ?::int[] as versions, ?::text[] as editions,
               ?::int[] as reaches, ?::int[] as after_priorities, ?::timestamptz[] as after_times,
               ?::uuid[] as after_ids, ?::text[] as queues, ?::int[] as free, ?::int[] as reach
      )""";

  /**
   * The lanes of the index of due executions, one for each queue, definition and fingerprint: those
   * of the worker's own definitions, and those that other definitions of the same version have
   * moved last. They are found outward from its own, so that a lane is never walked to find the
   * next.
   *
   * <p>A worker claims the executions that its own definitions have moved last. Those that another
   * definition of the same version has moved stay with the workers that have that one, as long as
   * one of them lives and works on the queue; after that any worker may claim them. The other
   * workers are looked up only when there is such a lane.
   */
  private static final String LANES =
      """
      others as materialized (
        select pg_catalog.jsonb_array_elements_text(n.queues) as queue, n.edition
        from (select o.queues, pg_catalog.unnest(o.editions) as edition
              from ${schema}.workers o
              where o.id <> ?::uuid and o.dead_at is null
                and o.lease > ${time} - o.heartbeat_at) n
      ), lanes as (
        select r.queue, r.name, r.version, r.edition, r.reach, 0 as way,
               r.after_priority, r.after_time, r.after_id
        from (select pg_catalog.unnest(a.lane_queues) as queue, pg_catalog.unnest(a.names) as name,
                     pg_catalog.unnest(a.versions) as version, pg_catalog.unnest(a.editions) as edition,
                     pg_catalog.unnest(a.reaches) as reach,
                     pg_catalog.unnest(a.after_priorities) as after_priority,
                     pg_catalog.unnest(a.after_times) as after_time,
                     pg_catalog.unnest(a.after_ids) as after_id
              from asked a) r
        union all
        select l.queue, l.name, l.version, n.edition, l.reach, n.way, null::int, null::timestamptz, null::uuid
        from lanes l cross join lateral (
          (select coalesce(e.fingerprint, '') as edition, 1 as way
           from ${schema}.workflow_executions e
           where l.way >= 0 and e.queue = l.queue and e.workflow_name = l.name
             and e.workflow_version = l.version and coalesce(e.fingerprint, '') > l.edition
             and e.wake_at is not null
           order by coalesce(e.fingerprint, '') limit 1)
          union all
          (select coalesce(e.fingerprint, '') as edition, -1 as way
           from ${schema}.workflow_executions e
           where l.way <= 0 and e.queue = l.queue and e.workflow_name = l.name
             and e.workflow_version = l.version and coalesce(e.fingerprint, '') < l.edition
             and e.wake_at is not null
           order by coalesce(e.fingerprint, '') desc limit 1)) n
      ), mine as materialized (
        select l.queue, l.name, l.version, l.edition, l.reach, l.after_priority, l.after_time, l.after_id,
               pg_catalog.row_number() over () as lane
        from lanes l
        where l.way = 0
          or (l.queue, l.name || '@' || l.version::text || '#' || l.edition)
            not in (select o.queue, o.edition from others o)
      )""";

  private static final String IN_LANE =
      """
      e.queue = m.queue and e.workflow_name = m.name and e.workflow_version = m.version
                  and coalesce(e.fingerprint, '') = m.edition""";

  /** The priority of a row that was due when it was written; null for one that slept then. */
  private static final String TURN = "(case when e.wake_at <= e.updated_at then e.priority end)";

  /** Whether there is room for an execution that has lost so many workers. */
  private static final String BEARABLE =
      "(e.recoveries < (select suspicion from room) or (select suspects from room))";

  private static final String IN_TURN =
      "order by (case when e.wake_at <= e.updated_at then e.priority end) desc nulls last,"
          + " e.wake_at, e.id";

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
   * <p>At most one suspect is claimed: an execution that has lost many workers in a row. Of the
   * rest, as many as fit into the bytes, in their order, and at least one into an empty worker. To
   * weigh an input the server unpacks it, so a claimer asks for many only after many have fitted.
   *
   * <p>An execution that is claimed for the first time has no history, unless a signal has been
   * sent to it: so most first claims need no other statement.
   *
   * <p>The row is found again by its ctid, and its time is checked once more: another worker may
   * have claimed it since.
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
      ), ${lanes}, room as (
        select ?::int as suspicion, ?::boolean as suspects, ?::bigint as bytes, ?::boolean as alone
      ), found as materialized (
        select m.queue, m.lane, c.tid, c.asleep, c.priority, c.wake_at, c.id
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
            select e.recoveries, pg_catalog.octet_length(e.input::text)::bigint as bytes
            from ${schema}.workflow_executions e
            where e.ctid = f.tid and e.wake_at <= ${time}
            for no key update skip locked
          ) c
          limit w.free
        ) d
      ), numbered as materialized (
        select d.*, d.recoveries >= room.suspicion as suspect, pg_catalog.row_number() over () as n
        from due d, room
      ), ranked as materialized (
        select r.*,
               pg_catalog.count(*) filter (where r.suspect) over (rows unbounded preceding) as suspects
        from numbered r
      ), fitting as materialized (
        select m.* from (
          select m.*, pg_catalog.sum(m.bytes) over (rows unbounded preceding) as total,
                 pg_catalog.min(m.n) over () as first
          from ranked m where m.suspects <= 1 or not m.suspect) m, room
        where m.total <= room.bytes::numeric or (room.alone and m.n = m.first)
      ), live as materialized (
        select id from ${schema}.workers
        where id = ?::uuid and dead_at is null and exists (select 1 from fitting)
        for key share
      ), claimed as (
        update ${schema}.workflow_executions e
        set status = case when e.status = 'compensating' then e.status else 'running' end,
            locked_by = live.id, lock_token = e.lock_token + 1,
            started_at = coalesce(e.started_at, ${time}), wake_at = null, updated_at = ${time}
        from fitting f, live
        where e.ctid = f.tid
        returning e.id, e.lock_token, e.workflow_name, e.workflow_version, e.fingerprint,
                  e.workflow_key, e.queue, e.tags, e.input,
                  ${until: e.deadline_at} as remaining,
                  e.compensation_results, e.parent_workflow_id is not null as child,
                  f.bytes, f.suspect, f.n,
                  e.lock_token > 1 or exists (
                    select 1 from ${schema}.pending_events p
                    where p.workflow_id::text = e.id::text and p.status = 'pending' offset 0) as past,
                  case when not f.asleep then f.priority end as turn, f.wake_at
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
             exists (
               select 1 from found f where f.asleep group by f.lane
               having pg_catalog.count(*) >= ${window}::bigint) as crowd
      from (select 1) as always left join claimed c on true
      """));

  /**
   * Puts executions that have slept and are due in their place among the rest, by priority. A claim
   * reads only the oldest of them; this is for when there are more.
   */
  private static final StatementTemplate WAKE =
      new StatementTemplate(
          "ClaimStatement.WAKE",
          filled(
              """
      with recursive ${clock}, ${asked}, ${lanes}, awake as materialized (
        select c.id
        from mine m cross join lateral (
          select e.id from ${schema}.workflow_executions e
          where ${in_lane} and ${turn} is null and e.wake_at <= ${time}
          ${in_turn} limit ${window}
          for no key update skip locked) c
      )
      update ${schema}.workflow_executions e set updated_at = ${time}
      from awake a where e.id = a.id
      """));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(CLAIM, WAKE);

  private final String claim;
  private final String wake;

  ClaimStatement(Schema schema) {
    this.claim = schema.of(CLAIM);
    this.wake = schema.of(WAKE);
  }

  private static String filled(String text) {
    return text.replace("${asked}", ASKED)
        .replace("${lanes}", LANES)
        .replace("${in_lane}", IN_LANE)
        .replace("${turn}", TURN)
        .replace("${bearable}", BEARABLE)
        .replace("${any_priority}", String.valueOf(1L + Integer.MAX_VALUE))
        .replace("${in_turn}", IN_TURN)
        .replace("${window}", String.valueOf(WINDOW));
  }

  /**
   * Claims once.
   *
   * @param spare how many rows to read in each lane beyond the room that there is
   * @param places the rows behind which to go on; a lane without one is read from its first row
   */
  ClaimReader.Look claim(
      SqlRunner runner,
      UUID worker,
      ClaimRoom room,
      List<Edition> runs,
      int spare,
      Map<Lane, Place> places) {
    return runner.query(
        "claim due executions",
        claim,
        bind ->
            asked(bind.now(), lanes(room.free().keySet(), runs), room, spare, places)
                .uuid(worker)
                .number(room.suspicion())
                .flag(room.suspects())
                .number(room.bytes())
                .flag(room.alone())
                .uuid(worker),
        ClaimReader::read);
  }

  /** Puts some executions that have slept and are due in their place among the rest. */
  void wake(SqlRunner runner, UUID worker, Collection<String> queues, List<Edition> runs) {
    runner.update(
        "put in order what has slept",
        wake,
        bind -> asked(bind.now(), lanes(queues, runs), ClaimRoom.NONE, 1, Map.of()).uuid(worker));
  }

  /** A queue and a definition for which a worker claims. */
  record Lane(String queue, Edition edition) {}

  /** The place of an execution in its lane. */
  record Place(int priority, Instant wakeAt, UUID id) {}

  private static List<Lane> lanes(Collection<String> queues, List<Edition> runs) {
    return queues.stream()
        .flatMap(q -> runs.stream().map(edition -> new Lane(q, edition)))
        .toList();
  }

  private static Parameters asked(
      Parameters bind, List<Lane> lanes, ClaimRoom room, int spare, Map<Lane, Place> places)
      throws SQLException {
    List<String> queues = List.copyOf(room.free().keySet());
    return bind.texts(lanes, Lane::queue)
        .texts(lanes, lane -> lane.edition.name())
        .ints(lanes, lane -> lane.edition.version())
        .texts(lanes, lane -> lane.edition.fingerprint())
        .ints(lanes, lane -> room.reach(lane.queue, spare))
        .ints(lanes, lane -> part(places.get(lane), Place::priority))
        .times(lanes, lane -> part(places.get(lane), Place::wakeAt))
        .uuids(lanes, lane -> part(places.get(lane), Place::id))
        .texts(queues, queue -> queue)
        .ints(queues, room.free()::get)
        .ints(queues, queue -> room.reach(queue, spare));
  }

  private static <V> @Nullable V part(@Nullable Place place, Function<Place, V> part) {
    return place == null ? null : part.apply(place);
  }
}
