package dev.durable.internal.store.worker;

/**
 * The parts of a claim in a limited queue that read due rows and put them in order.
 *
 * <p>Most claims find enough among the first rows of each lane, as in other queues. A claim reads
 * deeper if limits keep those back, if keys take turns, or if executions age: it steps through an
 * index from key to key, for each from what has not begun to what has, and from priority to
 * priority, and reads some of each. So its cost does not grow with the backlog of a key. It begins
 * after the key that had its turn last, and ends when it has found enough, or after a thousand
 * steps; then the next claim continues there.
 */
final class TurnSql {

  /** How many more rows than there is room for a claim reads at least in each lane. */
  static final int SPARE = 64;

  private static final int MOST_STEPS = 1_000;

  /** How many rows all steps together read at most, if each reads at least one. */
  private static final int MOST_ROWS = 4_000;

  /** How many rows that have slept a step reads at least: they are not in the order of priority. */
  private static final int LEAST_ASLEEP = 16;

  private static final String COLUMNS =
      """
      e.ctid as tid, e.wake_at > e.updated_at as asleep, e.priority, e.wake_at, e.id,
                 coalesce(e.limit_key, '') as key,
                 case when e.started_at is null then 0 else 1 end as begun""";

  private static final String BEGUN = "(case when e.started_at is null then 0 else 1 end)";

  private static final String RANK =
      "(case when e.wake_at <= e.updated_at then -e.priority::bigint else 2147483649 end)";

  /**
   * The time in the words of the index by key. If the index of all that is due had these words too,
   * a plan made while little was due would read that one from its first row on and sort, for each
   * step.
   */
  private static final String TIME_BY_KEY =
      "(case when e.limit_key is not null then e.wake_at end)";

  /**
   * In {@code allowed}, executions that may not begin take none of their key's places from those
   * that have begun: also not if it is the queue that lets no more begin.
   */
  private static final String TURNS =
      """
      numbered as materialized (
        select m.*, pg_catalog.row_number() over () as lane from mine m
      ), found as materialized (
        select m.lane, m.reach, c.*
        from wanted w cross join numbered m cross join lateral (
          (select ${columns} from ${schema}.workflow_executions e
           where ${in_lane} and ${turn} < ${any_priority} and e.wake_at <= ${time} and ${bearable}
           ${in_turn} limit m.reach)
          union all
          (select ${columns} from ${schema}.workflow_executions e
           where ${in_lane} and ${turn} is null and e.wake_at <= ${time} and ${bearable}
           ${in_turn} limit greatest(m.reach, ${window}))) c
      ), found_keys as materialized (
        select k.key, b.* from (select distinct f.key from found f) k cross join wanted q
        cross join lateral ${budget_of_found} b
      ), deep as materialized (
        select w.name from wanted w
        where w.fair or w.aging is not null
          or (exists (select 1 from found f group by f.lane, f.reach, f.asleep
                      having pg_catalog.count(*) >= f.reach)
              and w.places > (
                select coalesce(pg_catalog.sum(greatest(0, least(
                         n.begun + greatest(0, least(n.fresh, n.may_begin,
                                                     case when w.fresh <= 0 then 0 end)),
                         n.free))), 0)::bigint
                from (select pg_catalog.count(*) filter (where f.begun = 1) as begun,
                             pg_catalog.count(*) filter (where f.begun = 0) as fresh,
                             k.fresh as may_begin, k.free
                      from found f join found_keys k on k.key = f.key
                      group by k.key, k.fresh, k.free) n))
      ), steps as (
        select m.lane, coalesce(w.turn_key, '') as key, 1 as begun, 2147483649 as rank, 0 as lap,
               0 as number, 0 as enough, false as usable, 0::bigint as room,
               false as held, null::timestamptz as earliest
        from wanted w join deep on deep.name = w.name cross join numbered m
        union all
        select s.lane, n.key, n.begun, n.rank, n.lap, s.number + 1,
               s.enough + case when n.counts then 1 else 0 end, n.usable, n.room, n.held,
               case when n.held and n.begun = 0 and n.starts <= 0 then coalesce(n.earliest, ${time}) end
        from steps s join numbered m on m.lane = s.lane cross join wanted q cross join lateral (
          select p.*, u.usable, u.room, u.due and not u.usable as held, u.starts, u.earliest, u.usable and q.fair and q.aging is null and u.priority >= coalesce(
                   (select pg_catalog.max(f.priority) from found f), u.priority) as counts
          from (
            select a.* from (
              (select e.limit_key as key, ${begun} as begun, ${rank} as rank, s.lap as lap
               from ${schema}.workflow_executions e
               where ${in_lane} and ${time_by_key} is not null
                 and (e.limit_key, ${begun}, ${rank}) > (s.key, s.begun, s.rank)
               order by e.limit_key, ${begun}, ${rank} limit 1)
              union all
              (select e.limit_key, ${begun}, ${rank}, 1
               from ${schema}.workflow_executions e
               where ${in_lane} and ${time_by_key} is not null and s.lap = 0
               order by e.limit_key, ${begun}, ${rank} limit 1)) a
            limit 1) p
          cross join lateral (
            select d.priority is not null as due, d.priority, b.starts, b.earliest,
                   least(b.free, case when p.begun = 0 then b.fresh end) as room,
                   d.priority is not null and (b.free is null or b.free > 0)
                     and (p.begun = 1 or ((b.fresh is null or b.fresh > 0)
                                          and (q.fresh is null or q.fresh > 0))) as usable
            from ${budget_of_step} b left join lateral (
              select e.priority from ${schema}.workflow_executions e
              where ${in_lane} and ${of_step} and ${time_by_key} <= ${time} and ${bearable}
              order by ${time_by_key}, e.id limit 1) d on true) u
          where p.lap = 0 or p.key <= coalesce(q.turn_key, '')) n
        where s.number < ${most_steps} and s.enough < q.places
      ), seen_keys as materialized (
        select pg_catalog.max(s.key) as key from steps s where s.number = ${most_steps}
        having pg_catalog.count(*) > 0
      ), heads as materialized (
        select p.lane, c.*
        from (select s.*, greatest(1, least((select w.places from wanted w), s.room,
                            ${most_rows} / pg_catalog.count(*) over ())) as reach
              from steps s where s.usable) p
        join numbered m on m.lane = p.lane cross join lateral (
          select ${columns} from ${schema}.workflow_executions e
          where ${in_lane} and ${of_step} and ${time_by_key} <= ${time} and ${bearable}
          order by ${time_by_key}, e.id
          limit case when p.rank = 2147483649 then greatest(p.reach, ${least_asleep})
                     else p.reach end) c
      ), read_keys as materialized (
        select a.key, b.*
        from (select f.key from found f union select h.key from heads h) a
        cross join wanted q cross join lateral ${budget_of_key} b
      ), rows_read as materialized (
        select r.*, k.free, k.fresh, k.starts, k.earliest
        from (select f.tid, f.priority, f.wake_at, f.id, f.key, f.begun from found f
              union
              select h.tid, h.priority, h.wake_at, h.id, h.key, h.begun from heads h) r
        join read_keys k on k.key = r.key
      ), aged as materialized (
        select r.*, r.priority::numeric + case when w.aging is null then 0::numeric else pg_catalog.floor(
                 extract(epoch from (select utc from t) - r.wake_at at time zone 'UTC')
                 / extract(epoch from w.aging)) end as level
        from rows_read r, wanted w
      ), allowed as materialized (
        select b.* from (
          select a.*, pg_catalog.row_number() over (
                   partition by a.key order by a.level desc, a.wake_at, a.id) as of_key
          from (select a.*, pg_catalog.row_number() over (
                         partition by a.key, a.begun order by a.level desc, a.wake_at, a.id) as start
                from aged a) a, wanted w
          where a.begun = 1 or coalesce(a.start <= least(a.fresh, w.fresh), true)) b
        where b.free is null or b.of_key <= b.free
      ), sorted as materialized (
        select a.tid, a.priority, a.wake_at, a.key, a.begun, pg_catalog.row_number() over (
                 order by a.level desc, a.round, a.after_last, a.turn_of, a.wake_at, a.id) as place
        from (select a.*,
                     case when w.fair then pg_catalog.row_number() over (
                       partition by a.level, a.key order by a.wake_at, a.id) else 0 end as round,
                     case when w.fair then a.key <= coalesce(w.turn_key, '') end as after_last,
                     case when w.fair then a.key end as turn_of
              from allowed a, wanted w) a
      )""";

  private static final String OF_STEP =
      "e.limit_key = p.key and ${begun} = p.begun and ${rank} = p.rank";

  private TurnSql() {}

  /** The text of a statement with these parts. */
  static String filled(String text) {
    return text.replace("${turns}", TURNS)
        .replace("${budget_of_found}", LimitSql.budget("k.key"))
        .replace("${budget_of_step}", LimitSql.budget("p.key"))
        .replace("${budget_of_key}", LimitSql.budget("a.key"))
        .replace("${of_step}", OF_STEP)
        .replace("${columns}", COLUMNS)
        .replace("${begun}", BEGUN)
        .replace("${time_by_key}", TIME_BY_KEY)
        .replace("${rank}", RANK)
        .replace("${most_steps}", String.valueOf(MOST_STEPS))
        .replace("${most_rows}", String.valueOf(MOST_ROWS))
        .replace("${least_asleep}", String.valueOf(LEAST_ASLEEP));
  }
}
