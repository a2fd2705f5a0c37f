package dev.durable.internal.store.worker;

/**
 * The parts of a claim in a limited queue {@code q} that count: what is owned, what has begun and
 * waits, and what was begun within the period of a rate.
 *
 * <p>Nothing is kept that could drift: what is owned is counted in the index of owners, also of
 * workers that are dead and have not been taken over. Only the times of begins are noted, in a
 * sliding window: those within a two hundredth of the period count as one at the latest of them. So
 * a rate is never exceeded in any window, and used but for half a percent.
 */
final class LimitSql {

  /** How many parts of a period are kept apart. */
  private static final int PARTS = 200;

  private static final String BEGUN_AND_WAITING =
      """
      e.queue = q.name and e.limit_key is not null and e.started_at is not null
        and e.locked_by is null and e.status in ('waiting', 'pending', 'compensating')""";

  private static final String OWNED =
      """
      (select pg_catalog.count(*) from ${schema}.workers n
         join ${schema}.workflow_executions e on e.locked_by = n.id and e.queue = q.name${and_key})""";

  private static final String WAITING =
      """
      (select pg_catalog.count(*) from ${schema}.workflow_executions e
         where ${begun_and_waiting}${and_key})""";

  /**
   * The queue, if executions may be claimed from it: {@code free} is how many may run in all,
   * {@code fresh} how many of those may begin, and {@code starts} how many its rate lets begin;
   * null for any number. The row is locked.
   */
  static final String SPACE =
      """
      counted as materialized (
        select q.name,
               case when q.concurrency is not null then ${owned} end as owned,
               case when q.concurrency is not null and q.counts_waiting then ${waiting}
                    else 0 end as waiting,
               (select coalesce(pg_catalog.sum(g.count), 0)
                from (select pg_catalog.unnest(q.grant_times) as at,
                             pg_catalog.unnest(q.grant_counts) as count) g
                where g.at at time zone 'UTC' > (select utc from t) - q.rate_period) as begun
        from q
      ), space as materialized (
        select q.*, q.concurrency - c.owned as free,
               least(q.concurrency - c.owned - c.waiting, q.rate - c.begun) as fresh,
               q.rate - c.begun as starts
        from q join counted c on c.name = q.name
      )"""
          .replace("${owned}", OWNED.replace("${and_key}", ""))
          .replace("${waiting}", WAITING.replace("${and_key}", ""))
          .replace("${begun_and_waiting}", BEGUN_AND_WAITING);

  /**
   * The same for one key of the queue, as a lateral table with one row; {@code earliest} is the
   * first begin of it that still counts. Executions without a key have no limit.
   *
   * <p>With {@code offset 0} each count stays one: PostgreSQL would put it wherever it is read.
   */
  private static final String BUDGET =
      """
      (select q.key_concurrency - b.owned as free,
              least(q.key_concurrency - b.owned - b.waiting, q.key_rate - b.begun) as fresh,
              q.key_rate - b.begun as starts, b.earliest
       from (select
               case when q.key_concurrency is not null and ${key} <> '' then ${owned} end as owned,
               case when q.key_concurrency is not null and ${key} <> '' and q.counts_waiting
                    then ${waiting} else 0 end as waiting,
               g.begun, g.earliest
             from (select case when q.key_rate is not null and ${key} <> ''
                               then coalesce(pg_catalog.sum(r.count), 0) end as begun,
                          pg_catalog.min(r.at) as earliest
                   from (select pg_catalog.unnest(k.grant_times) as at,
                                pg_catalog.unnest(k.grant_counts) as count
                         from ${schema}.queue_keys k
                         where k.queue = q.name and k.key = ${key} and q.key_rate is not null) r
                   where r.at at time zone 'UTC' > (select utc from t) - q.key_rate_period) g
             offset 0) b)"""
          .replace("${owned}", OWNED)
          .replace("${waiting}", WAITING)
          .replace("${begun_and_waiting}", BEGUN_AND_WAITING);

  private LimitSql() {}

  /** The budget of a key, which is the column {@code key}. */
  static String budget(String key) {
    return BUDGET.replace("${and_key}", " and e.limit_key = " + key).replace("${key}", key);
  }

  /**
   * The new {@code times} and {@code counts} of a log, as a table with one row.
   *
   * @param times the old times
   * @param counts the old counts
   * @param period the period of the rate
   * @param begun how many have begun now
   */
  static String log(String times, String counts, String period, String begun) {
    return """
        (select pg_catalog.array_agg(p.at order by p.at) as times,
                pg_catalog.array_agg(p.count order by p.at) as counts
         from (select pg_catalog.max(g.at) as at, pg_catalog.sum(g.count)::int as count
               from (select pg_catalog.unnest(${times}) as at, pg_catalog.unnest(${counts}) as count
                     union all
                     select ${time}, ${begun}::int) g
               where g.at at time zone 'UTC' > (select utc from t) - ${period}
               group by pg_catalog.floor(extract(epoch from g.at at time zone 'UTC')
                              / (extract(epoch from ${period}) / ${parts}::numeric))) p)"""
        .replace("${times}", times)
        .replace("${counts}", counts)
        .replace("${period}", period)
        .replace("${begun}", begun)
        .replace("${parts}", String.valueOf(PARTS));
  }
}
