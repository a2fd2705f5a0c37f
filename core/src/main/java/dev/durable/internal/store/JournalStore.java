package dev.durable.internal.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The writes of the hot path: sets of entries and starts, each set one statement. Several
 * statements sent together are one transaction and one round trip.
 */
public final class JournalStore {

  /**
   * Between the JSON texts of a column. Valid JSON never has it: strings must escape control
   * characters. Cheaper than an array literal, in which every quote of every text is escaped and
   * unescaped.
   */
  public static final char SEPARATOR = 0x1F;

  /**
   * The owner's rows are locked, in id order, against takeover and cancel before anything is
   * written for them; what is not owned (any more) is left out.
   */
  private static final String ENTRIES =
      """
      with owned as materialized (
        select e.id
        from unnest(?::uuid[], ?::bigint[]) as o(id, token)
        cross join lateral (
          select e.id from ${schema}.workflow_executions e
          where e.id = o.id and e.lock_token = o.token and e.status = 'running'
          for no key update
        ) e
      ), steps as (
        select r.*, r.output::jsonb as output_json, r.error::jsonb as error_json
        from unnest(?::uuid[], ?::int[], ?::text[], ?::text[], ?::text[], ?::int[], ?::text[],
                    string_to_array(?, chr(31), ''), string_to_array(?, chr(31), ''),
                    ?::bigint[], ?::bool[])
          as r(id, seq, name, path, type, attempt, status, output, error, elapsed, opened)
        where r.id in (select id from owned)
      ), added as (
        insert into ${schema}.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, output, error,
           started_at, completed_at)
        select id, seq, name, path, type, attempt, status, output_json, error_json,
               ${now} - elapsed * interval '1 microsecond',
               case when status <> 'running' then ${now} end
        from steps where not opened
      ), closed as (
        update ${schema}.step_executions s
        set status = r.status, output = r.output_json, error = r.error_json,
            completed_at = ${now}
        from steps r
        where r.opened and s.workflow_id = r.id and s.seq = r.seq
      ), moved as (
        update ${schema}.workflow_executions e
        set status = t.status, output = t.output::jsonb, error = t.error::jsonb,
            current_step = t.current_step, locked_by = null, updated_at = ${now},
            completed_at = case when t.status in ('completed', 'failed', 'cancelled')
                                then ${now} end,
            wake_at = least(${now} + t.wake * interval '1 microsecond',
                            case when t.wake is not null then e.deadline_at end)
        from unnest(?::uuid[], ?::text[], string_to_array(?, chr(31), ''),
                    string_to_array(?, chr(31), ''), ?::text[], ?::bigint[])
          as t(id, status, output, error, current_step, wake)
        where e.id = t.id and t.id in (select id from owned)
      )
      select id from owned
      """;

  /**
   * A node that has been declared dead starts nothing for itself: its executions become pending.
   * The share lock keeps the declaration away until this transaction has ended.
   */
  private static final String STARTS =
      """
      with live as materialized (
        select id from ${schema}.nodes where id = ? and dead_at is null for share
      ), offered as (
        select o.*, o.node is not null and exists (select 1 from live) as owned,
               coalesce(o.at::timestamptz, ${now} + o.delay * interval '1 microsecond') as due
        from unnest(?::uuid[], ?::text[], ?::int[], ?::text[], ?::text[], ?::text[], ?::int[],
                    string_to_array(?, chr(31), ''), string_to_array(?, chr(31), ''),
                    ?::bigint[], ?::text[], ?::bigint[], ?::uuid[])
          as o(id, name, version, fingerprint, key, queue, priority, input, tags, delay, at,
               timeout, node)
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

  private static final String FIND_STARTED =
      """
      select e.id, e.locked_by is not null and e.lock_token = 1 as owned
      from ${schema}.workflow_executions e
      where e.id = ? or (e.workflow_name = ? and e.workflow_key = ?)
      order by e.id = ? desc limit 1
      """;

  /**
   * Waits for a lost connection's statement, if that is still at work and has come to the
   * execution.
   */
  private static final String AWAIT_OTHERS =
      "select 1 from ${schema}.workflow_executions where id = ? for no key update";

  private static final String OUTCOME =
      """
      select e.lock_token, e.status,
             exists (select 1 from ${schema}.step_executions s
                     where s.workflow_id = e.id and s.seq = ? and s.status = ?)
      from ${schema}.workflow_executions e where e.id = ?
      """;

  /** What a look at the database says about an entry whose fate was not known. */
  public enum Outcome {
    /** It is there. */
    COMMITTED,
    /** It is not there, and the owner may still write it. */
    ABSENT,
    /** The execution belongs to somebody else. */
    FENCED
  }

  /**
   * What became of starts and entries that were written together.
   *
   * @param started in the order of the rows
   * @param owned the executions that are still owned; entries of others were not written
   */
  public record Written(List<StartResult> started, Set<UUID> owned) {}

  private final String entries;
  private final String starts;
  private final String findStarted;
  private final String awaitOthers;
  private final String outcome;
  private final String channel;
  private final boolean notifications;

  /**
   * @param sql where the tables are
   * @param notifications whether new pending work is announced
   */
  public JournalStore(Sql sql, boolean notifications) {
    this.entries = sql.of(ENTRIES);
    this.starts = sql.of(STARTS);
    this.findStarted = sql.of(FIND_STARTED);
    this.awaitOthers = sql.of(AWAIT_OTHERS);
    this.outcome = sql.of(OUTCOME);
    this.channel = sql.channel();
    this.notifications = notifications;
  }

  /**
   * Writes the entries whose owner still owns its execution.
   *
   * @return the executions that are still owned; entries of others were not written
   */
  public Set<UUID> write(Connection connection, List<EntryRow> rows) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(entries)) {
      bindEntries(new Bind(connection, statement), rows);
      try (ResultSet result = statement.executeQuery()) {
        return ids(result);
      }
    }
  }

  /**
   * Stores new executions, or finds those that already have their keys; in the order of the rows.
   */
  public List<StartResult> start(Connection connection, List<StartRow> rows) throws SQLException {
    Map<UUID, StartResult> results = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(starts)) {
      bindStarts(new Bind(connection, statement), rows);
      try (ResultSet result = statement.executeQuery()) {
        readStarts(result, results);
      }
    }
    return inOrder(connection, rows, results);
  }

  /**
   * Writes starts and entries in one round trip: two statements that are sent together on a
   * connection in auto-commit mode are one transaction (PostgreSQL manual, 54.2.4 Pipelining).
   */
  public Written write(Connection connection, List<StartRow> rows, List<EntryRow> entryRows)
      throws SQLException {
    if (entryRows.isEmpty()) {
      return new Written(start(connection, rows), Set.of());
    }
    if (rows.isEmpty()) {
      return new Written(List.of(), write(connection, entryRows));
    }
    Map<UUID, StartResult> results = new HashMap<>();
    Set<UUID> owned;
    try (PreparedStatement statement = connection.prepareStatement(starts + ";\n" + entries)) {
      Bind bind = new Bind(connection, statement);
      bindStarts(bind, rows);
      bindEntries(bind, entryRows);
      statement.execute();
      try (ResultSet result = statement.getResultSet()) {
        readStarts(result, results);
      }
      statement.getMoreResults();
      try (ResultSet result = statement.getResultSet()) {
        owned = ids(result);
      }
    }
    return new Written(inOrder(connection, rows, results), owned);
  }

  private List<StartResult> inOrder(
      Connection connection, List<StartRow> rows, Map<UUID, StartResult> results)
      throws SQLException {
    List<StartResult> ordered = new ArrayList<>(rows.size());
    for (StartRow row : rows) {
      StartResult found = results.get(row.id());
      ordered.add(found != null ? found : findStarted(connection, row));
    }
    return ordered;
  }

  /** Asks what became of an entry after its answer was lost. */
  public Outcome outcome(Connection connection, EntryRow entry) throws SQLException {
    StepRow step = entry.step();
    try (PreparedStatement statement = connection.prepareStatement(awaitOthers)) {
      new Bind(connection, statement).uuid(entry.owner().id());
      statement.execute();
    }
    try (PreparedStatement statement = connection.prepareStatement(outcome)) {
      new Bind(connection, statement)
          .number(step == null ? -1 : step.seq())
          .text(step == null ? "" : step.status().text())
          .uuid(entry.owner().id());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next() || row.getLong(1) != entry.owner().token()) {
          return Outcome.FENCED;
        }
        boolean left = !row.getString(2).equals("running");
        boolean written = step == null ? left : row.getBoolean(3);
        return written ? Outcome.COMMITTED : left ? Outcome.FENCED : Outcome.ABSENT;
      }
    }
  }

  private void bindEntries(Bind bind, List<EntryRow> rows) throws SQLException {
    List<Identified> owners =
        new ArrayList<>(new LinkedHashSet<>(rows.stream().map(EntryRow::owner).toList()));
    owners.sort((a, b) -> compareAsDatabase(a.id(), b.id()));
    List<EntryRow> steps = rows.stream().filter(row -> row.step() != null).toList();
    List<EntryRow> moves = rows.stream().filter(row -> row.transition() != null).toList();
    List<StepRow> step = steps.stream().map(EntryRow::step).toList();
    List<Transition> move = moves.stream().map(EntryRow::transition).toList();
    bind.uuids(owners, Identified::id)
        .longs(owners, Identified::token)
        .uuids(steps, row -> row.owner().id())
        .ints(step, StepRow::seq)
        .texts(step, StepRow::name)
        .texts(step, StepRow::path)
        .texts(step, row -> row.type().text())
        .ints(step, StepRow::attempt)
        .texts(step, row -> row.status().text())
        .jsons(step, StepRow::output)
        .jsons(step, StepRow::error)
        .longs(step, row -> Bind.micros(row.elapsed()))
        .flags(step, StepRow::opened)
        .uuids(moves, row -> row.owner().id())
        .texts(move, row -> row.status().text())
        .jsons(move, Transition::output)
        .jsons(move, Transition::error)
        .texts(move, Transition::currentStep)
        .longs(move, row -> Bind.micros(row.wakeIn()));
  }

  private void bindStarts(Bind bind, List<StartRow> rows) throws SQLException {
    UUID node = rows.stream().map(StartRow::node).filter(n -> n != null).findFirst().orElse(null);
    bind.uuid(node)
        .uuids(rows, StartRow::id)
        .texts(rows, StartRow::workflow)
        .ints(rows, StartRow::version)
        .texts(rows, StartRow::fingerprint)
        .texts(rows, StartRow::key)
        .texts(rows, StartRow::queue)
        .ints(rows, StartRow::priority)
        .jsons(rows, StartRow::input)
        .jsons(rows, row -> row.tags().isEmpty() ? null : InternalJson.write(row.tags()))
        .longs(rows, row -> Bind.micros(row.delay()))
        .texts(rows, row -> row.at() == null ? null : row.at().toString())
        .longs(rows, row -> Bind.micros(row.timeout()))
        .uuids(rows, StartRow::node)
        .flag(notifications)
        .text(channel);
  }

  private static void readStarts(ResultSet result, Map<UUID, StartResult> into)
      throws SQLException {
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

  /**
   * The execution that kept this row out: committed after our statement's snapshot, or by our own
   * earlier try.
   */
  private StartResult findStarted(Connection connection, StartRow row) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(findStarted)) {
      new Bind(connection, statement)
          .uuid(row.id())
          .text(row.workflow())
          .text(row.key())
          .uuid(row.id());
      try (ResultSet result = statement.executeQuery()) {
        if (!result.next()) {
          throw new SQLException(
              "execution " + row.id() + " was neither stored nor found", "P0002");
        }
        UUID found = result.getObject(1, UUID.class);
        boolean ours = found.equals(row.id());
        return new StartResult(found, ours, ours && row.node() != null && result.getBoolean(2));
      }
    }
  }

  private static Set<UUID> ids(ResultSet result) throws SQLException {
    Set<UUID> ids = new HashSet<>();
    while (result.next()) {
      ids.add(result.getObject(1, UUID.class));
    }
    return ids;
  }

  /** PostgreSQL orders UUIDs as unsigned bytes; Java's compareTo treats the halves as signed. */
  private static int compareAsDatabase(UUID a, UUID b) {
    int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
    return high != 0
        ? high
        : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
  }
}
