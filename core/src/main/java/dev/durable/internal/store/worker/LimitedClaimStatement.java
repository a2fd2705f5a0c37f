package dev.durable.internal.store.worker;

import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The statements that claim due executions from limited queues. {@link LimitSql} has what counts,
 * {@link TurnSql} the rows that are read, and {@link RoomSql} the choice of what fits this worker.
 */
public final class LimitedClaimStatement {

  /**
   * Claims of one queue come one after the other: each counts what those before it have taken. A
   * queue whose row another transaction holds is left out: who knows for how long.
   */
  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "LimitedClaimStatement.LOCK",
          """
      select q.name from ${schema}.queues q
      where q.name = any (?::text[]) and q.limited
      order by q.name for no key update skip locked
      """);

  /**
   * Reads the clock once the queues are locked: the transaction may have begun long before, and an
   * execution that it begins must not count as begun then.
   */
  private static final StatementTemplate TIME =
      new StatementTemplate("LimitedClaimStatement.TIME", "select pg_catalog.clock_timestamp()");

  /**
   * Claims from one limited queue. Its row has been locked by an earlier statement: this one sees
   * all that was claimed before, and its time is no earlier than theirs.
   *
   * <p>Rows are put in order, and those that a limit keeps back are left out: first for each key,
   * then for the queue. What has begun needs no rate, and if waiting executions count, it has its
   * place already. Begins are noted in the rows of the queue and of the keys.
   *
   * <p>In their key's places, executions that were due for longer and did not get what was left of
   * the queue's rate may have kept back some that have begun: there is more then, for the next
   * claim.
   *
   * <p>One more row says when to look next: when the next execution will be due, when a rate lets
   * another one begin, or soon if there were too many keys to look at all of them.
   */
  private static final StatementTemplate CLAIM =
      new StatementTemplate(
          "LimitedClaimStatement.CLAIM",
          filled(
              """
      with recursive q as materialized (
        select q.* from ${schema}.queues q
        where q.name = ?::text and q.limited and q.enforced and q.paused_at is null
      ), t as materialized (
        select n.now, n.now at time zone 'UTC' as utc
        from (select greatest(?::timestamptz, (select q.claimed_at from q)) as now) n
      ), ${asked}, ${space}, wanted as materialized (
        select s.*, least((a.free)[1], s.free) as places from space s, asked a
        where s.free is null or s.free > 0
      ), ${lanes}, ${room}, ${turns}, ordered as materialized (
        select o.*, pg_catalog.row_number() over (order by o.place) as turn
        from (select s.*, pg_catalog.row_number() over (
                       partition by s.begun order by s.place) as starts
              from sorted s) o, wanted w
        where o.begun = 1 or w.fresh is null or o.starts <= w.fresh
      ), due as materialized (
        select d.tid, d.priority, d.wake_at, d.begun, d.key, d.recoveries, d.bytes
        from wanted w cross join lateral (
          select o.*, c.recoveries, c.bytes
          from (select o.* from ordered o order by o.turn limit w.places) o
          cross join lateral (
            select e.recoveries, pg_catalog.octet_length(e.input::text) as bytes
            from ${schema}.workflow_executions e
            where e.ctid = o.tid and e.wake_at <= ${time}
            for no key update skip locked
          ) c) d
      ), ${fitting}, live as materialized (
        select id from ${schema}.workers
        where id = ?::uuid and dead_at is null and exists (select 1 from fitting)
        for key share
      ), claimed as (
        update ${schema}.workflow_executions e
        set status = case when e.status = 'compensating' then e.status else 'running' end,
            locked_by = live.id, lock_token = e.lock_token + 1,
            started_at = coalesce(e.started_at, ${time}), wake_at = null, updated_at = ${time},
            limit_key = coalesce(e.limit_key, '')
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
                  null::int as turn, f.wake_at, f.begun, f.key,
                  e.schedule_name, e.scheduled_for
      ), taken as materialized (
        select pg_catalog.count(*) as number,
               pg_catalog.count(*) filter (where c.begun = 0) as fresh,
               (select l.key from claimed l order by l.n desc limit 1) as last_key
        from claimed c
      ), taken_keys as materialized (
        select c.key, pg_catalog.count(*) as number from claimed c
        where c.begun = 0 and c.key <> '' group by c.key
      ), noted as (
        update ${schema}.queues u
        set claimed_at = case when k.number > 0 then ${time} else u.claimed_at end,
            turn_key = coalesce(k.last_key, (select s.key from seen_keys s), u.turn_key),
            grant_times = case when u.rate is null then '{}'
                               when k.fresh > 0 then l.times else u.grant_times end,
            grant_counts = case when u.rate is null then '{}'
                                when k.fresh > 0 then l.counts else u.grant_counts end
        from wanted w cross join taken k cross join lateral ${log} l
        where u.name = w.name and (k.number > 0 or exists (select 1 from seen_keys))
      ), noted_keys as (
        update ${schema}.queue_keys u set grant_times = l.times, grant_counts = l.counts
        from wanted w
        cross join taken_keys c
        join ${schema}.queue_keys k on k.queue = w.name and k.key = c.key
        cross join lateral ${key_log} l
        where w.key_rate is not null and u.queue = k.queue and u.key = k.key
      ), left_over as materialized (
        select r.begun, r.key, r.earliest,
               r.starts <= coalesce((select c.number from taken_keys c where c.key = r.key), 0) as spent
        from rows_read r
        where not exists (select 1 from fitting f where f.tid = r.tid)
      ), next as (
        select pg_catalog.min((select e.wake_at from ${schema}.workflow_executions e
                    where ${in_lane} and ${turn} is null and e.wake_at > ${time}
                    ${in_turn} limit 1)) at time zone 'UTC' as at
        from mine m, wanted
        union all
        select coalesce((select pg_catalog.min(g.at) from (
                  select pg_catalog.unnest(w.grant_times) as at) g
                  where g.at at time zone 'UTC' > (select utc from t) - w.rate_period), ${time})
               at time zone 'UTC' + w.rate_period
        from wanted w
        where w.starts <= (select k.fresh from taken k)
          and (exists (select 1 from left_over l where l.begun = 0)
               or exists (select 1 from steps s where s.held and s.begun = 0))
        union all
        select pg_catalog.min(k.earliest at time zone 'UTC') + w.key_rate_period
        from wanted w, (
          select coalesce(l.earliest, ${time}) as earliest from left_over l where l.begun = 0 and l.spent
          union all
          select s.earliest from steps s where s.earliest is not null) k
        group by w.key_rate_period
        union all
        select (select utc from t) + interval '50 milliseconds' where exists (select 1 from seen_keys)
      )
      select c.id, c.lock_token, c.workflow_name, c.workflow_version, c.fingerprint, c.workflow_key,
             c.queue, c.tags, c.input, c.remaining, c.compensation_results, c.child, c.bytes,
             c.suspect, c.n, c.past, c.turn, c.wake_at, c.schedule_name, c.scheduled_for,
             (select (extract(epoch from
                 least(pg_catalog.min(n.at) - (select utc from t),
                       case when pg_catalog.min(n.at) is not null then interval '1 day' end))
                 * 1000000::numeric)::bigint from next n) as next,
             (select pg_catalog.count(*) from due) > (select pg_catalog.count(*) from fitting)
               or exists (select 1 from deep, wanted w, taken k
                          where k.number > 0 and k.number < w.places)
               or exists (select 1 from left_over l, wanted w, taken k
                          where l.begun = 1 and k.number < w.places
                            and k.fresh > 0 and k.fresh >= w.fresh) as more,
             false as beyond,
             ${crowd} as crowd,
             exists (select 1 from ${schema}.queues u where u.name = ?::text and u.limited) as limited,
             exists (select 1 from space s where s.free <= 0)
               or exists (select 1 from left_over)
               or exists (select 1 from steps s where s.held) as kept_back,
             exists (select 1 from ${schema}.queues u
                     where u.name = ?::text and u.limited and not u.enforced
                       and u.paused_at is null) as unenforced,
             exists (select 1 from q where coalesce(q.marked_at at time zone 'UTC'
                                             < (select utc from t) - interval '1 minute', true))
               as unmarked,
             exists (select 1 from q
                     where pg_catalog.num_nonnulls(q.concurrency, q.key_concurrency) > 0) as counted
      from (select 1) as always left join claimed c on true
      """));

  private static final StatementTemplate LIMITED =
      new StatementTemplate(
          "LimitedClaimStatement.LIMITED",
          "select q.name from ${schema}.queues q where q.name = any (?::text[]) and q.limited");

  /** Notes the begins of keys that have no row yet; the claim has noted those of the others. */
  private static final StatementTemplate NOTE_KEYS =
      new StatementTemplate(
          "LimitedClaimStatement.NOTE_KEYS",
          """
      insert into ${schema}.queue_keys (queue, key, grant_times, grant_counts)
      select q.name, e.limit_key, array[q.claimed_at], array[pg_catalog.count(*)::int]
      from ${schema}.queues q join ${schema}.workflow_executions e
        on e.locked_by = ?::uuid and e.queue = q.name and e.started_at = q.claimed_at
      where q.name = ?::text and q.key_rate is not null and e.limit_key <> ''
      group by q.name, q.claimed_at, e.limit_key
      on conflict (queue, key) do nothing
      """);

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS =
      List.of(LOCK, TIME, CLAIM, NOTE_KEYS, LIMITED);

  private final String lock;
  private final String time;
  private final String claim;
  private final String noteKeys;
  private final String limited;

  LimitedClaimStatement(Schema schema) {
    this.lock = schema.of(LOCK);
    this.time = schema.of(TIME);
    this.claim = schema.of(CLAIM);
    this.noteKeys = schema.of(NOTE_KEYS);
    this.limited = schema.of(LIMITED);
  }

  private static String filled(String text) {
    String logs =
        text.replace(
                "${log}",
                LimitSql.log("w.grant_times", "w.grant_counts", "w.rate_period", "k.fresh"))
            .replace(
                "${key_log}",
                LimitSql.log("k.grant_times", "k.grant_counts", "w.key_rate_period", "c.number"))
            .replace("${space}", LimitSql.SPACE);
    return LaneSql.filled(RoomSql.filled(TurnSql.filled(logs)));
  }

  /** Claims from each of these queues once. */
  List<LimitedLook> claim(
      SqlRunner runner,
      UUID worker,
      ClaimRoom room,
      List<Edition> runs,
      Collection<String> queues) {
    List<String> names = List.copyOf(new TreeSet<>(queues));
    Set<String> locked = new HashSet<>();
    Map<String, LimitedLook> looks = new TreeMap<>();
    AtomicReference<Instant> now = new AtomicReference<>();
    AtomicLong readAt = new AtomicLong();
    Pipeline pipeline = new Pipeline();
    pipeline.add(lock, bind -> bind.texts(names, name -> name), rows -> readNames(rows, locked));
    pipeline.repeat(
        time,
        bind -> {},
        row -> {
          row.next();
          now.set(RowReader.requiredTime(row, "clock_timestamp"));
          readAt.set(System.nanoTime());
          return false;
        });
    for (String queue : names) {
      ClaimRoom own = room.share(queue, names.size(), names.getFirst().equals(queue));
      List<Lane> lanes = Lane.all(List.of(queue), runs);
      Pipeline claiming = new Pipeline();
      claiming.add(
          claim,
          bind -> {
            LaneSql.bind(bind.text(queue).time(now.get()), lanes, own, TurnSql.SPARE, Map.of())
                .uuid(worker);
            RoomSql.bind(bind, own).uuid(worker).text(queue).text(queue);
          },
          rows -> looks.put(queue, read(queue, rows)));
      claiming.add(noteKeys, bind -> bind.uuid(worker).text(queue)).apart();
      pipeline.addIf(() -> locked.contains(queue), claiming);
    }
    Set<String> known = new HashSet<>();
    pipeline.add(limited, bind -> bind.texts(names, name -> name), rows -> readNames(rows, known));
    pipeline.execute(runner, "claim due executions of limited queues");
    names.forEach(
        queue -> {
          if (!locked.contains(queue)) {
            looks.put(queue, LimitedLook.none(queue, known.contains(queue)));
          }
        });
    Duration since = Duration.ofNanos(System.nanoTime() - readAt.get());
    return looks.values().stream().map(look -> look.after(since)).toList();
  }

  private static void readNames(ResultSet rows, Set<String> names) throws SQLException {
    names.clear();
    while (rows.next()) {
      names.add(rows.getString(1));
    }
  }

  private static LimitedLook read(String queue, ResultSet rows) throws SQLException {
    boolean[] flags = new boolean[5];
    Claim claim =
        ClaimReader.read(
                rows,
                row -> {
                  for (int i = 0; i < flags.length; i++) {
                    flags[i] = row.getBoolean(25 + i);
                  }
                })
            .claim();
    return new LimitedLook(queue, claim, flags[0], false, flags[1], flags[2], flags[3], flags[4]);
  }
}
