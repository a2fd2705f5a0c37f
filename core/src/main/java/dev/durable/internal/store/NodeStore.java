package dev.durable.internal.store;

import dev.durable.execution.ErrorInfo;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Nodes: their heartbeats, and what becomes of the executions of a node that has gone. */
public final class NodeStore {

  private static final String REGISTER =
      """
      insert into ${schema}.nodes
        (id, name, queues, definitions, lease, started_at, heartbeat_at)
      values (?, ?, ?::jsonb, ?::jsonb, ? * interval '1 microsecond', ${now}, ${now})
      """;

  /**
   * A lease that has run out is never renewed, and the nodes whose lease has are declared dead in
   * the same breath.
   */
  private static final String BEAT =
      """
      with alive as (
        update ${schema}.nodes set heartbeat_at = ${now}
        where id = ? and dead_at is null and heartbeat_at + lease > ${now}
        returning id
      ), dead as (
        update ${schema}.nodes n set dead_at = ${now}
        from (select id from ${schema}.nodes
              where id <> ? and dead_at is null and heartbeat_at + lease <= ${now}
              order by id for update skip locked) d
        where n.id = d.id
      )
      select exists (select 1 from alive),
             exists (select 1 from ${schema}.nodes
                     where id <> ? and (dead_at is not null or heartbeat_at + lease <= ${now}))
      """;

  /** Waits for starts and claims that are under way, as every declaration of death does. */
  private static final String RETIRE =
      """
      update ${schema}.nodes set dead_at = ${now}, drained = true
      where id = (select id from ${schema}.nodes where id = ? and dead_at is null for update)
      """;

  private static final String DEAD =
      "select id from ${schema}.nodes where dead_at is not null order by id";

  /**
   * Sent before RELEASE, in one transaction with it: its snapshot then also has the {@code running}
   * rows that the owner committed while we waited for the lock.
   */
  private static final String LOCK =
      """
      with gone as materialized (
        select id from ${schema}.nodes where id = ? and dead_at is not null
        for update skip locked
      )
      select 1 from gone g join ${schema}.workflow_executions e on e.locked_by = g.id
      order by e.id limit ? for no key update of e;
      """;

  /**
   * Frees some executions of a node that has gone; those of a lost one are counted, and parked when
   * that happens too often. The node's row goes with the last of them: no start or claim of that
   * node can have committed after dead_at was set, because both hold a key share lock on a row
   * without it.
   */
  private static final String RELEASE =
      """
      with gone as materialized (
        select id, not drained as lost from ${schema}.nodes
        where dead_at is not null and id = ? for update skip locked
      ), freed as materialized (
        select e.id, g.lost, g.lost and e.recoveries >= ? as poison
        from gone g join ${schema}.workflow_executions e on e.locked_by = g.id
        order by e.id limit ? for no key update of e
      ), released as (
        update ${schema}.workflow_executions e
        set status = case when f.poison then 'parked'
                          when e.compensation_results is not null then 'compensating'
                          else 'pending' end,
            wake_at = case when not f.poison then ${now} end,
            error = case when f.poison then jsonb_build_object(
                      'type', ?::text, 'message', format(?::text, e.recoveries + 1)) end,
            recoveries = e.recoveries + case when f.lost then 1 else 0 end,
            lock_token = e.lock_token + 1, locked_by = null, updated_at = ${now}
        from freed f where e.id = f.id
        returning e.id, e.queue, e.status
      ), steps as (
        update ${schema}.step_executions s
        set status = 'failed', completed_at = ${now},
            error = jsonb_build_object('type', ?::text, 'message', ?::text, 'step', s.path)
        from released r where s.workflow_id = r.id and s.status = 'running'
      ), removed as (
        delete from ${schema}.nodes
        where id = (select id from gone) and (select count(*) from freed) < ?
      )
      select (select count(*) from freed),
             (select count(pg_notify(?, 'q' || queue))
              from (select distinct queue from released where status <> 'parked' and ?) q)
      """;

  private static final String OWNED =
      "select id, lock_token from ${schema}.workflow_executions where locked_by = ?";

  /** Nobody ran them, so nothing is counted. */
  private static final String DISOWN =
      """
      with released as (
        update ${schema}.workflow_executions e
        set status = case when e.compensation_results is not null then 'compensating'
                          else 'pending' end,
            wake_at = ${now}, lock_token = e.lock_token + 1,
            locked_by = null, updated_at = ${now}
        from ${rows: id uuid, token bigint} as o
        where e.id = o.id and e.lock_token = o.token and ${owned}
        returning e.id
      )
      update ${schema}.step_executions s
      set status = 'failed', completed_at = ${now},
          error = jsonb_build_object('type', ?::text, 'message', ?::text, 'step', s.path)
      from released r where s.workflow_id = r.id and s.status = 'running'
      """;

  private static final String FENCED =
      """
      select o.id from ${rows: id uuid, token bigint} as o
      where not exists (
        select 1 from ${schema}.workflow_executions e
        where e.id = o.id and e.lock_token = o.token and ${owned})
      """;

  private static final String UNTIL_DEADLINE =
      """
      select (extract(epoch from e.deadline_at - ${now}) * 1000000)::bigint
      from ${schema}.workflow_executions e
      where e.id = ? and e.lock_token = ? and ${owned}
      """;

  private final Database database;
  private final Sql sql;
  private final boolean notifications;

  /**
   * @param database where
   * @param sql where the tables are
   * @param notifications whether released work is announced
   */
  public NodeStore(Database database, Sql sql, boolean notifications) {
    this.database = database;
    this.sql = sql;
    this.notifications = notifications;
  }

  /**
   * What a heartbeat found.
   *
   * @param alive whether this node's lease was renewed; false for ever once it is not
   * @param deadNodes whether executions of dead nodes wait to be taken over
   */
  public record Beat(boolean alive, boolean deadNodes) {}

  /** Makes a node known; it is alive from now on. */
  public void register(
      UUID id, String name, Collection<String> queues, List<String> definitions, Duration lease) {
    database.call(
        "register this node",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(REGISTER))) {
            Long micros = Bind.micros(lease);
            new Bind(connection, statement)
                .uuid(id)
                .text(name)
                .text(InternalJson.write(List.copyOf(queues)))
                .text(InternalJson.write(definitions))
                .number(micros == null ? 0 : micros);
            return statement.executeUpdate();
          }
        });
  }

  /** Renews the lease, and looks after the others. */
  public Beat beat(UUID node, KeptConnection kept) {
    return kept.call(
        "renew the lease of this node",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(BEAT))) {
            new Bind(connection, statement).uuid(node).uuid(node).uuid(node);
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              return new Beat(row.getBoolean(1), row.getBoolean(2));
            }
          }
        });
  }

  /** Declares this node dead, in good order: from now on it starts and claims nothing. */
  public void retire(UUID node) {
    database.call(
        "retire this node",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(RETIRE))) {
            new Bind(connection, statement).uuid(node);
            return statement.executeUpdate();
          }
        });
  }

  /** The dead nodes whose executions wait to be taken over. */
  public List<UUID> deadNodes() {
    return database.call(
        "look for dead nodes",
        connection -> {
          List<UUID> dead = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.of(DEAD));
              ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              dead.add(row.getObject(1, UUID.class));
            }
          }
          return dead;
        });
  }

  /**
   * Frees up to {@code most} executions of a dead node.
   *
   * @param node which one
   * @param maxRecoveries how often an execution may lose its node before it is parked
   * @return how many; fewer than {@code most} means that nothing is left of that node
   */
  public int release(UUID node, int maxRecoveries, int most) {
    return database.call(
        "free the executions of a node that has gone",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(LOCK + RELEASE))) {
            new Bind(connection, statement)
                .uuid(node)
                .number(most)
                .uuid(node)
                .number(maxRecoveries)
                .number(most)
                .text(ErrorInfo.TOO_MANY_RECOVERIES)
                .text(
                    "It lost its worker %s times; the limit is "
                        + maxRecoveries
                        + ". See its last step, mend the cause, then retry it.")
                .text(ErrorInfo.WORKER_LOST)
                .text("The node that ran this attempt has gone; nobody knows how far it came.")
                .number(most)
                .text(sql.channel())
                .flag(notifications);
            statement.execute();
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
              row.next();
              return row.getInt(1);
            }
          }
        });
  }

  /** What the node owns. */
  public List<Identified> owned(UUID node) {
    return database.call(
        "ask what this node owns",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(OWNED))) {
            new Bind(connection, statement).uuid(node);
            List<Identified> owned = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                owned.add(new Identified(row.getObject(1, UUID.class), row.getLong(2)));
              }
            }
            return owned;
          }
        });
  }

  /** Frees executions that the node owns and does not run. */
  public void disown(List<Identified> orphans) {
    database.call(
        "free executions that this node does not run",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(DISOWN))) {
            new Bind(connection, statement)
                .uuids(orphans, Identified::id)
                .longs(orphans, Identified::token)
                .text(ErrorInfo.WORKER_LOST)
                .text("This node did not know that it owned the execution.");
            return statement.executeUpdate();
          }
        });
  }

  /** Which of these their owner has lost, by cancel or takeover. */
  public Set<UUID> fenced(List<Identified> owned, KeptConnection kept) {
    return lost(owned, kept);
  }

  /** The same, on any connection. */
  public Set<UUID> fenced(List<Identified> owned) {
    return lost(owned, database);
  }

  private Set<UUID> lost(List<Identified> owned, SqlRunner runner) {
    return runner.call(
        "check the ownership of long running steps",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(FENCED))) {
            new Bind(connection, statement)
                .uuids(owned, Identified::id)
                .longs(owned, Identified::token);
            Set<UUID> lost = new HashSet<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                lost.add(row.getObject(1, UUID.class));
              }
            }
            return lost;
          }
        });
  }

  /** How long until its deadline by the database clock; null if it has none, or is not owned. */
  public @Nullable Duration untilDeadline(Identified owner) {
    return database.<@Nullable Duration>call(
        "check the deadline of execution " + owner.id(),
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(UNTIL_DEADLINE))) {
            new Bind(connection, statement).uuid(owner.id()).number(owner.token());
            try (ResultSet row = statement.executeQuery()) {
              return row.next() ? Rows.micros(row, 1) : null;
            }
          }
        });
  }
}
