package dev.durable.testing;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What limits of queues count, in the rows of executions. */
public interface QueueRows extends TestSql {

  /**
   * The executions with which a window of a rate has more begins than the rate: those that began
   * less than a period after the one that began so many before.
   */
  default List<String> beginsTooSoon(int rate, Duration period) {
    return tooSoon("order by started_at", rate, period);
  }

  /** The same for the executions of each key. */
  default List<String> beginsOfAKeyTooSoon(int rate, Duration period) {
    return tooSoon("partition by limit_key order by started_at", rate, period);
  }

  private List<String> tooSoon(String window, int rate, Duration period) {
    return rows(
        """
        select b.limit_key, b.started_at, b.since from (
          select limit_key, started_at, started_at - lag(started_at, ?) over (%s) as since
          from durable.workflow_executions where started_at is not null) b
        where b.since < ? * interval '1 microsecond' order by b.started_at
        """
            .formatted(window),
        rate,
        TimeUnit.MICROSECONDS.convert(period));
  }

  /** How many executions of each key are owned, as {@code key|number}. */
  default List<String> ownedOfKeys() {
    return rows(
        "select coalesce(limit_key, ''), count(*) from durable.workflow_executions"
            + " where locked_by is not null group by 1 order by 1");
  }
}
