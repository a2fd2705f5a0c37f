package dev.durable.internal.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Takes due executions for a node. */
public final class ClaimStore {

  /**
   * For each queue, from its highest priority down, the first due rows that nobody else is about to
   * take. The priorities in use are found by stepping through the index, so that a backlog is never
   * sorted and sleepers are never read. A node that has been declared dead claims nothing, and who
   * finds nothing writes nothing. One row more tells when the next execution will be due.
   */
  private static final String CLAIM =
      """
      with recursive wanted as (
        select queue, free from ${rows: queue text, free int} as w
      ), levels as (
        select w.queue, w.free,
               (select e.priority from ${schema}.workflow_executions e
                where e.queue = w.queue and e.wake_at is not null
                order by e.priority desc limit 1) as priority
        from wanted w
        union all
        select l.queue, l.free,
               (select e.priority from ${schema}.workflow_executions e
                where e.queue = l.queue and e.wake_at is not null and e.priority < l.priority
                order by e.priority desc limit 1)
        from levels l where l.priority is not null
      ), due as materialized (
        select d.id
        from wanted w cross join lateral (
          select c.id
          from (select * from levels l where l.queue = w.queue and l.priority is not null
                order by l.priority desc) l
          cross join lateral (
            select e.id from ${schema}.workflow_executions e
            where e.queue = l.queue and e.priority = l.priority and e.wake_at <= ${now}
              and e.workflow_name || '@' || e.workflow_version = any (?::text[])
            order by e.wake_at, e.id
            limit w.free
            for no key update skip locked
          ) c
          limit w.free
        ) d
      ), live as materialized (
        select id from ${schema}.nodes
        where id = ? and dead_at is null and exists (select 1 from due)
        for key share
      ), claimed as (
        update ${schema}.workflow_executions e
        set status = case when e.status = 'compensating' then e.status else 'running' end,
            locked_by = live.id, lock_token = e.lock_token + 1,
            started_at = coalesce(e.started_at, ${now}), wake_at = null, updated_at = ${now}
        from due, live
        where e.id = due.id
        returning e.id, e.lock_token, e.workflow_name, e.workflow_version, e.fingerprint,
                  e.workflow_key, e.queue, e.tags, e.input,
                  (extract(epoch from e.deadline_at - ${now}) * 1000000)::bigint as remaining,
                  e.compensation_results, e.parent_workflow_id is not null as child
      ), next as (
        select min((select e.wake_at from ${schema}.workflow_executions e
                    where e.queue = l.queue and e.priority = l.priority and e.wake_at > ${now}
                    order by e.wake_at limit 1)) as wake_at
        from levels l where l.priority is not null
      )
      select c.*, (select (extract(epoch from wake_at - ${now}) * 1000000)::bigint from next)
      from (select 1) as always left join claimed c on true
      """;

  private final String claim;

  /**
   * @param sql where the tables are
   */
  public ClaimStore(Sql sql) {
    this.claim = sql.of(CLAIM);
  }

  /**
   * An execution that now belongs to this node.
   *
   * @param owner the execution and its new token
   * @param workflow the workflow's name
   * @param version the definition's version
   * @param fingerprint the hash of the definition it was started with, or null
   * @param key the business key, or null
   * @param queue the queue
   * @param tags labels
   * @param input JSON
   * @param remaining how long until its deadline, or null
   * @param compensation JSON: why its compensation began and what has been done; null if it goes
   *     forward
   * @param child whether it has a parent
   */
  public record Claimed(
      Identified owner,
      String workflow,
      int version,
      @Nullable String fingerprint,
      @Nullable String key,
      String queue,
      Map<String, String> tags,
      String input,
      @Nullable Duration remaining,
      @Nullable String compensation,
      boolean child) {}

  /**
   * What one look for work brought.
   *
   * @param executions those claimed
   * @param nextDue how long until the next one is due, or null if none is known
   */
  public record Claim(List<Claimed> executions, @Nullable Duration nextDue) {}

  /**
   * Claims due executions.
   *
   * @param runner the claimer's
   * @param node the claiming node
   * @param free how many of each queue
   * @param definitions what the node can run, as {@code name@version}
   */
  public Claim claim(
      SqlRunner runner, UUID node, Map<String, Integer> free, List<String> definitions) {
    List<String> queues = List.copyOf(free.keySet());
    return runner.call(
        "claim due executions",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(claim)) {
            new Bind(connection, statement)
                .texts(queues, queue -> queue)
                .ints(queues, free::get)
                .texts(definitions, definition -> definition)
                .uuid(node);
            try (ResultSet rows = statement.executeQuery()) {
              return read(rows);
            }
          }
        });
  }

  private static Claim read(ResultSet rows) throws SQLException {
    List<Claimed> claimed = new ArrayList<>();
    Duration nextDue = null;
    while (rows.next()) {
      nextDue = Rows.micros(rows, 13);
      if (rows.getObject(1) != null) {
        claimed.add(
            new Claimed(
                new Identified(rows.getObject(1, UUID.class), rows.getLong(2)),
                rows.getString(3),
                rows.getInt(4),
                rows.getString(5),
                rows.getString(6),
                rows.getString(7),
                InternalJson.tags(rows.getString(8)),
                rows.getString(9),
                Rows.micros(rows, 10),
                rows.getString(11),
                rows.getBoolean(12)));
      }
    }
    return new Claim(claimed, nextDue);
  }
}
