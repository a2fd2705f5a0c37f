package dev.durable.internal.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The statement that stores a batch of new executions, or finds those that already have their keys.
 */
final class StartStatement {

  /**
   * A node that has been declared dead starts nothing for itself: its executions become pending.
   * The lock keeps the declaration away until this transaction has ended, and lets heartbeats pass.
   */
  private static final String TEXT =
      """
      with live as materialized (
        select id from ${schema}.nodes where id = ? and dead_at is null for key share
      ), offered as (
        select o.*, o.node is not null and exists (select 1 from live) as owned,
               coalesce(o.at::timestamptz, ${now} + o.delay * interval '1 microsecond') as due
        from ${rows: id uuid, name text, version int, fingerprint text, key text, queue text,
                     priority int, input text, tags text, delay bigint, at text, timeout bigint,
                     node uuid} as o
      ), added as (
        insert into ${schema}.workflow_executions
          (id, workflow_name, workflow_version, fingerprint, workflow_key, status, queue, priority,
           input, tags, wake_at, deadline_at, scheduled_at, started_at, locked_by, lock_token,
           inserted_at, updated_at)
        select id, name, version, fingerprint, key,
               case when owned then 'running' else 'pending' end, queue, priority,
               input::jsonb, tags::jsonb,
               case when not owned then coalesce(due, ${now}) end,
               greatest(due, ${now}) + timeout * interval '1 microsecond',
               due, case when owned then ${now} end, case when owned then node end,
               case when owned then 1 else 0 end, ${now}, ${now}
        from offered
        order by name, key, id
        on conflict do nothing
        returning id, queue, locked_by
      )
      select o.id, a.id is not null as added, a.locked_by is not null as owned,
             case when a.id is null then
               (select e.id from ${schema}.workflow_executions e
                where e.id = o.id or (e.workflow_name = o.name and e.workflow_key = o.key)
                order by e.id = o.id desc limit 1) end as existing,
             case when a.id is not null and a.locked_by is null and ? then
               pg_notify(?, 'q' || a.queue)::text end as hint
      from offered o left join added a on a.id = o.id
      """;

  private final String text;
  private final String channel;
  private final boolean notifications;

  StartStatement(Sql sql, boolean notifications) {
    this.text = sql.of(TEXT);
    this.channel = sql.channel();
    this.notifications = notifications;
  }

  String text() {
    return text;
  }

  void bind(Bind bind, List<StartRow> rows) throws SQLException {
    UUID node = rows.stream().map(StartRow::node).filter(n -> n != null).findFirst().orElse(null);
    bind.uuid(node)
        .uuids(rows, StartRow::id)
        .texts(rows, StartRow::workflow)
        .ints(rows, StartRow::version)
        .texts(rows, StartRow::fingerprint)
        .texts(rows, StartRow::key)
        .texts(rows, StartRow::queue)
        .ints(rows, StartRow::priority)
        .texts(rows, StartRow::input)
        .texts(rows, StartStatement::tags)
        .longs(rows, row -> Bind.micros(row.delay()))
        .texts(rows, row -> row.at() == null ? null : row.at().toString())
        .longs(rows, row -> Bind.micros(row.timeout()))
        .uuids(rows, StartRow::node)
        .flag(notifications)
        .text(channel);
  }

  static @Nullable String tags(StartRow row) {
    return row.tags().isEmpty() ? null : InternalJson.write(row.tags());
  }

  static void read(ResultSet result, Map<UUID, StartResult> into) throws SQLException {
    while (result.next()) {
      UUID id = result.getObject(1, UUID.class);
      if (result.getBoolean(2)) {
        into.put(id, new StartResult(id, true, result.getBoolean(3)));
      } else if (result.getObject(4) != null) {
        UUID existing = result.getObject(4, UUID.class);
        // Our own id is there when an earlier try was committed and its answer was lost.
        if (!existing.equals(id)) {
          into.put(id, new StartResult(existing, false, false));
        }
      }
    }
  }
}
