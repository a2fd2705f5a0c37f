package dev.durable.internal.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The writes of the hot path: sets of entries and starts, each set one statement. Several
 * statements sent together are one transaction and one round trip.
 */
public final class JournalStore {

  /** It is ours to run only if our own start took it: the first claim has the same token. */
  private static final String FIND_STARTED =
      """
      select e.id, coalesce(e.locked_by = ?, false) and e.lock_token = 1 as owned
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
      select e.lock_token, e.locked_by is null,
             exists (select 1 from ${schema}.step_executions s
                     where s.workflow_id = e.id and s.seq = ? and s.status = ? and s.attempt = ?)
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

  private final EntryStatement entries;
  private final WaitStatement waits;
  private final FamilyStatement family;
  private final StartStatement starts;
  private final String findStarted;
  private final String awaitOthers;
  private final String outcome;

  /**
   * @param sql where the tables are
   * @param notifications whether new pending work is announced
   */
  public JournalStore(Sql sql, boolean notifications) {
    this.entries = new EntryStatement(sql, notifications);
    this.waits = new WaitStatement(sql, notifications);
    this.family = new FamilyStatement(sql, notifications);
    this.starts = new StartStatement(sql, notifications);
    this.findStarted = sql.of(FIND_STARTED);
    this.awaitOthers = sql.of(AWAIT_OTHERS);
    this.outcome = sql.of(OUTCOME);
  }

  /**
   * Writes the entries whose owner still owns its execution.
   *
   * @return the executions that are still owned; entries of others were not written
   */
  public Set<UUID> write(Connection connection, List<EntryRow> rows) throws SQLException {
    return write(connection, List.of(), rows).owned();
  }

  /**
   * Stores new executions, or finds those that already have their keys; in the order of the rows.
   */
  public List<StartResult> start(Connection connection, List<StartRow> rows) throws SQLException {
    Map<UUID, StartResult> results = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(starts.text())) {
      starts.bind(new Bind(connection, statement), rows);
      try (ResultSet result = statement.executeQuery()) {
        StartStatement.read(result, results);
      }
    }
    return inOrder(connection, rows, results);
  }

  /**
   * Writes starts and entries in one round trip and one transaction, if the connection is in
   * auto-commit mode.
   */
  public Written write(Connection connection, List<StartRow> rows, List<EntryRow> entryRows)
      throws SQLException {
    if (entryRows.isEmpty()) {
      return new Written(start(connection, rows), Set.of());
    }
    Map<UUID, StartResult> results = new HashMap<>();
    Set<UUID> owned = new HashSet<>();
    Pipeline pipeline = new Pipeline();
    if (!rows.isEmpty()) {
      pipeline.add(
          starts.text(),
          bind -> starts.bind(bind, rows),
          result -> StartStatement.read(result, results));
    }
    EntryStatement.Batch batch = new EntryStatement.Batch(entryRows);
    if (batch.locksFirst()) {
      pipeline.add(
          waits.lock(), bind -> bind.uuids(batch.ids(), id -> id).uuids(batch.ended(), id -> id));
    }
    if (!batch.changing().isEmpty()) {
      pipeline.add(waits.change(), bind -> waits.bind(bind, batch.changing()));
    }
    pipeline.add(
        entries.text(batch),
        bind -> entries.bind(bind, batch),
        result -> owned.addAll(EntryStatement.owned(result)));
    if (!batch.silenced().isEmpty()) {
      pipeline.add(waits.end(), bind -> bind.uuids(batch.silenced(), id -> id));
    }
    if (!batch.parents().isEmpty() || !batch.unwanted().isEmpty()) {
      family.cancel(pipeline, batch.parents(), batch.unwanted());
    }
    if (!batch.ended().isEmpty()) {
      family.report(pipeline, batch.ended());
    }
    if (connection.getAutoCommit()) {
      pipeline.commit(
          connection,
          Frame.of(java.time.Duration.ofSeconds(5), java.time.Duration.ofMillis(1500)).repeated());
    } else {
      pipeline.within(connection);
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
    StepRow step = entry.steps().isEmpty() ? null : entry.steps().getLast();
    try (PreparedStatement statement = connection.prepareStatement(awaitOthers)) {
      new Bind(connection, statement).uuid(entry.owner().id());
      statement.execute();
    }
    try (PreparedStatement statement = connection.prepareStatement(outcome)) {
      new Bind(connection, statement)
          .number(step == null ? -1 : step.seq())
          .text(step == null ? "" : step.status().text())
          .number(step == null ? 0 : step.attempt())
          .uuid(entry.owner().id());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next() || row.getLong(1) != entry.owner().token()) {
          return Outcome.FENCED;
        }
        boolean left = row.getBoolean(2);
        boolean written = step == null ? left : row.getBoolean(3);
        return written ? Outcome.COMMITTED : left ? Outcome.FENCED : Outcome.ABSENT;
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
          .uuid(row.node())
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
        return new StartResult(found, ours, ours && result.getBoolean(2));
      }
    }
  }
}
