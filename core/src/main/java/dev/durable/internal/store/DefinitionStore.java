package dev.durable.internal.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The definitions and queues that nodes and clients have brought. */
public final class DefinitionStore {

  private static final String PUT_DEFINITIONS =
      """
      insert into ${schema}.workflow_definitions
        (name, version, fingerprint, graph, queue, timeout, compensate_on_cancel, first_seen_at)
      select name, version, fingerprint, graph::jsonb, queue,
             timeout * interval '1 microsecond', undo, ${now}
      from ${rows: name text, version int, fingerprint text, graph text, queue text,
                   timeout bigint, undo bool} as d
      order by name, version, fingerprint
      on conflict (name, version, fingerprint) do update
        set graph = excluded.graph, compensate_on_cancel = excluded.compensate_on_cancel
        where workflow_definitions.graph <> excluded.graph
           or workflow_definitions.compensate_on_cancel <> excluded.compensate_on_cancel
      """;

  private static final String PUT_QUEUES =
      """
      insert into ${schema}.queues (name, first_seen_at)
      select name, ${now} from ${rows: name text} as q order by name
      on conflict do nothing
      """;

  private static final String LATEST =
      """
      select name, version, fingerprint, graph, queue,
             (extract(epoch from timeout) * 1000000)::bigint, compensate_on_cancel
      from ${schema}.workflow_definitions
      where name = ? order by version desc, first_seen_at desc limit 1
      """;

  /** The very definition if its fingerprint is known, else the last one of its version. */
  private static final String OF_EXECUTION =
      """
      select d.graph from ${schema}.workflow_definitions d
      join ${schema}.workflow_executions e
        on d.name = e.workflow_name and d.version = e.workflow_version
      where e.id = ?
      order by d.fingerprint = e.fingerprint desc nulls last, d.first_seen_at desc limit 1
      """;

  private final Database database;
  private final Sql sql;

  /**
   * @param database where
   * @param sql where the tables are
   */
  public DefinitionStore(Database database, Sql sql) {
    this.database = database;
    this.sql = sql;
  }

  /**
   * A stored definition.
   *
   * @param name the workflow's name
   * @param version its version
   * @param fingerprint its hash
   * @param graph its tree as JSON
   * @param queue the queue of its executions
   * @param timeout the workflow timeout, or null
   * @param compensatesOnCancel whether a cancel first undoes what has been done
   */
  public record Definition(
      String name,
      int version,
      String fingerprint,
      String graph,
      String queue,
      @Nullable Duration timeout,
      boolean compensatesOnCancel) {}

  /** Remembers definitions; of those already known, what the fingerprint does not tell. */
  public void putDefinitions(Collection<Definition> definitions) {
    List<Definition> rows = List.copyOf(definitions);
    database.call(
        "store the workflow definitions",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(PUT_DEFINITIONS))) {
            new Bind(connection, statement)
                .texts(rows, Definition::name)
                .ints(rows, Definition::version)
                .texts(rows, Definition::fingerprint)
                .texts(rows, Definition::graph)
                .texts(rows, Definition::queue)
                .longs(rows, row -> Bind.micros(row.timeout()))
                .flags(rows, Definition::compensatesOnCancel);
            return statement.executeUpdate();
          }
        });
  }

  /** Remembers queues that a node works on. */
  public void putQueues(Collection<String> queues) {
    database.call(
        "store the queues",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(PUT_QUEUES))) {
            new Bind(connection, statement).texts(List.copyOf(queues), queue -> queue);
            return statement.executeUpdate();
          }
        });
  }

  /** The newest definition of that name. */
  public Optional<Definition> latest(String name) {
    return database.call(
        "find a workflow definition",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(LATEST))) {
            new Bind(connection, statement).text(name);
            try (ResultSet row = statement.executeQuery()) {
              return row.next()
                  ? Optional.of(
                      new Definition(
                          row.getString(1),
                          row.getInt(2),
                          row.getString(3),
                          row.getString(4),
                          row.getString(5),
                          Rows.micros(row, 6),
                          row.getBoolean(7)))
                  : Optional.empty();
            }
          }
        });
  }

  /** The graph of the definition that an execution was started with, as JSON. */
  public Optional<String> graphOf(UUID execution) {
    return database.call(
        "find the definition of execution " + execution,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(OF_EXECUTION))) {
            new Bind(connection, statement).uuid(execution);
            try (ResultSet row = statement.executeQuery()) {
              return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
          }
        });
  }

  /** The names of all known workflows, in alphabetical order. */
  public List<String> workflows() {
    return names("select distinct name from ${schema}.workflow_definitions order by name");
  }

  /** Every queue that a node has ever worked on. */
  public Set<String> queues() {
    return new HashSet<>(names("select name from ${schema}.queues order by name"));
  }

  private List<String> names(String template) {
    return database.call(
        "list names",
        connection -> {
          List<String> names = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.of(template));
              ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              names.add(row.getString(1));
            }
          }
          return names;
        });
  }
}
