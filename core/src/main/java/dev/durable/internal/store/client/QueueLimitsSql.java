package dev.durable.internal.store.client;

/**
 * The limits of a queue in its row: what holds follows from what the code declares, from what an
 * operator has set instead, and from whether the queue is paused.
 *
 * <p>Both are objects with the names of {@link dev.durable.queue.QueueOptions}: {@code
 * globalConcurrency}, {@code perKey}, {@code rate} and {@code ratePerKey} with {@code count} and
 * {@code micros}, {@code countWaiting}, {@code fair}, and {@code aging} in microseconds. A field of
 * the operator's wins, also one that is null: then there is no such limit.
 */
public final class QueueLimitsSql {

  private static final String EFFECTIVE =
      """
      (concurrency, key_concurrency, rate, rate_period, key_rate, key_rate_period,
       counts_waiting, fair, aging, limited, enforced) = (
        select l.concurrency, l.key_concurrency, l.rate, l.rate_period, l.key_rate,
               l.key_rate_period, l.counts_waiting, l.fair, l.aging, l.limited,
               q.enforced and l.limited
        from (
          select f.*,
                 ${paused} or f.fair or pg_catalog.num_nonnulls(
                   f.concurrency, f.key_concurrency, f.rate, f.key_rate, f.aging) > 0 as limited
          from (
            select (m.limits ->> 'globalConcurrency'::text)::int as concurrency,
                   (m.limits ->> 'perKey'::text)::int as key_concurrency,
                   (m.limits -> 'rate'::text ->> 'count'::text)::int as rate,
                   (m.limits -> 'rate'::text ->> 'micros'::text)::float8 * interval '1 microsecond'
                     as rate_period,
                   (m.limits -> 'ratePerKey'::text ->> 'count'::text)::int as key_rate,
                   (m.limits -> 'ratePerKey'::text ->> 'micros'::text)::float8 * interval '1 microsecond'
                     as key_rate_period,
                   coalesce((m.limits ->> 'countWaiting'::text)::boolean, false) as counts_waiting,
                   coalesce((m.limits ->> 'fair'::text)::boolean, false) as fair,
                   (m.limits ->> 'aging'::text)::float8 * interval '1 microsecond' as aging
            from (select coalesce(${declared}, '{}'::jsonb) || coalesce(${override}, '{}'::jsonb)
                           as limits) m) f) l)""";

  private QueueLimitsSql() {}

  /**
   * The columns that an update of a row {@code q} of {@code queues} sets whenever it sets one of
   * the three, with their new values.
   *
   * @param declared what the code declares, as SQL
   * @param override what the operator has set instead, as SQL
   * @param paused whether the queue is paused, as SQL
   */
  public static String effective(String declared, String override, String paused) {
    return EFFECTIVE
        .replace("${declared}", declared)
        .replace("${override}", override)
        .replace("${paused}", paused);
  }
}
