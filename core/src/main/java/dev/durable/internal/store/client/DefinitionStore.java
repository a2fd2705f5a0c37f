package dev.durable.internal.store.client;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The definitions and queues that workers and clients have brought. */
public final class DefinitionStore {

  /** The order of definitions {@code w} of one workflow, the newest first. */
  private static final String NEWEST_FIRST =
      "w.version desc, w.registered_at desc nulls last, w.first_seen_at desc";

  /** Whether a live worker runs definition {@code w}. */
  public static final String LIVE =
      """
      (w.name || '@' || w.version::text || '#' || w.fingerprint) in (
                   select pg_catalog.unnest(n.editions) from ${schema}.workers n
                   where n.dead_at is null and n.lease > ${time} - n.heartbeat_at)""";

  /**
   * Their order for a start: the newest of those that a live worker runs, or else the newest. After
   * a rollback, the newest one has no worker.
   */
  public static final String TO_START = LIVE + " desc, " + NEWEST_FIRST;

  private static final String FOUND =
      """
      select w.name, w.version, w.fingerprint, w.graph, w.shape, w.queue,
             (extract(epoch from w.timeout) * 1000000::numeric)::bigint, w.compensate_on_cancel,
             w.compensate_on_timeout
      from ${schema}.workflow_definitions w
      where w.name = ?::text
      """;

  private static final StatementTemplate LATEST =
      new StatementTemplate(
          "DefinitionStore.LATEST", FOUND + "order by " + NEWEST_FIRST + " limit 1");

  private static final StatementTemplate FOR_START =
      new StatementTemplate(
          "DefinitionStore.FOR_START",
          "with ${clock}\n" + FOUND + "order by " + TO_START + " limit 1");

  /** The definition with the same fingerprint if it is known, else the last one of its version. */
  private static final StatementTemplate OF_EXECUTION =
      new StatementTemplate(
          "DefinitionStore.OF_EXECUTION",
          """
          select d.graph from ${schema}.workflow_definitions d
          join ${schema}.workflow_executions e
            on d.name = e.workflow_name and d.version = e.workflow_version
          where e.id = ?::uuid
          order by d.fingerprint = e.fingerprint desc nulls last, d.first_seen_at desc limit 1
          """);

  private static final StatementTemplate WORKFLOWS =
      new StatementTemplate(
          "DefinitionStore.WORKFLOWS",
          "select distinct name from ${schema}.workflow_definitions order by name");

  private static final StatementTemplate QUEUES =
      new StatementTemplate(
          "DefinitionStore.QUEUES", "select name from ${schema}.queues order by name");

  private static final StatementTemplate SERVED =
      new StatementTemplate(
          "DefinitionStore.SERVED",
          """
          with ${clock}
          select exists (
            select 1 from ${schema}.workers w
            where w.dead_at is null and w.lease > ${time} - w.heartbeat_at
              and pg_catalog.num_nonnulls(w.editions) = 1
              and pg_catalog.jsonb_exists(w.queues, ?::text))
          """);

  private static final StatementTemplate KEYED =
      new StatementTemplate(
          "DefinitionStore.KEYED",
          """
          select fair or pg_catalog.num_nonnulls(key_concurrency, key_rate) > 0
          from ${schema}.queues where name = ?::text
          """);

  private static final StatementTemplate SHAPES =
      new StatementTemplate(
          "DefinitionStore.SHAPES",
          """
          select d.name, d.version, d.fingerprint, d.shape
          from ${rows: name text, version int, fingerprint text} as r
          join ${schema}.workflow_definitions d
            on d.name = r.name and d.version = r.version and d.fingerprint = r.fingerprint
          where d.shape is not null
          """);

  public static final List<StatementTemplate> STATEMENTS =
      List.of(LATEST, FOR_START, OF_EXECUTION, WORKFLOWS, QUEUES, SERVED, KEYED, SHAPES);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public DefinitionStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /**
   * A stored definition.
   *
   * @param name the workflow's name
   * @param version its version
   * @param fingerprint its hash
   * @param graph its tree as JSON, for people
   * @param shape its nodes by path as JSON, for the engine; or null
   * @param queue the queue of its executions
   * @param timeout the workflow timeout, or null
   * @param compensatesOnCancel whether a cancel first compensates completed steps
   * @param compensatesOnTimeout whether a workflow timeout does, and a step may have something to
   *     undo
   */
  public record Definition(
      String name,
      int version,
      String fingerprint,
      String graph,
      @Nullable String shape,
      String queue,
      @Nullable Duration timeout,
      boolean compensatesOnCancel,
      boolean compensatesOnTimeout) {}

  /** The newest version of a workflow, as a worker has registered it last. */
  public Optional<Definition> latest(String name) {
    return database.query(
        "find a workflow definition",
        schema.of(LATEST),
        bind -> bind.text(name),
        Answer.first(DefinitionStore::definition));
  }

  /**
   * What a start by name starts: the newest version that a live worker runs, or else the newest.
   */
  public Optional<Definition> toStart(String name) {
    return database.query(
        "find the workflow definition to start",
        schema.of(FOR_START),
        bind -> bind.now().text(name),
        Answer.first(DefinitionStore::definition));
  }

  private static Definition definition(ResultSet row) throws SQLException {
    return new Definition(
        row.getString(1),
        row.getInt(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        RowReader.micros(row, 7),
        row.getBoolean(8),
        row.getBoolean(9));
  }

  /**
   * One of the definitions that have had the same name and version.
   *
   * @param name the workflow's name
   * @param version its version
   * @param fingerprint its hash
   */
  public record Edition(String name, int version, String fingerprint) {}

  /** The shapes of known definitions, as JSON. */
  public Map<Edition, String> shapes(SqlRunner runner, List<Edition> editions) {
    return runner.query(
        "read the shapes of definitions",
        schema.of(SHAPES),
        bind ->
            bind.texts(editions, Edition::name)
                .ints(editions, Edition::version)
                .texts(editions, Edition::fingerprint),
        rows -> {
          Map<Edition, String> shapes = new HashMap<>();
          while (rows.next()) {
            shapes.put(
                new Edition(rows.getString(1), rows.getInt(2), rows.getString(3)),
                rows.getString(4));
          }
          return shapes;
        });
  }

  /** The graph of the definition that an execution was started with, as JSON. */
  public Optional<String> graphOf(UUID execution) {
    return database.query(
        "find the definition of execution " + execution,
        schema.of(OF_EXECUTION),
        bind -> bind.uuid(execution),
        Answer.first(row -> row.getString(1)));
  }

  /** The names of all known workflows, in alphabetical order. */
  public List<String> workflows() {
    return names(WORKFLOWS);
  }

  /** Every queue that a worker has ever worked on. */
  public Set<String> queues() {
    return new HashSet<>(names(QUEUES));
  }

  /** Whether a live worker takes executions of the queue. */
  public boolean isServed(String queue) {
    return database
        .query(
            "look for workers of queue " + queue,
            schema.of(SERVED),
            bind -> bind.now().text(queue),
            Answer.first(row -> row.getBoolean(1)))
        .orElse(false);
  }

  /** Whether limits of the queue count by the keys of executions, or the keys take turns. */
  public boolean isKeyed(String queue) {
    return database
        .query(
            "look at the limits of queue " + queue,
            schema.of(KEYED),
            bind -> bind.text(queue),
            Answer.first(row -> row.getBoolean(1)))
        .orElse(false);
  }

  private List<String> names(StatementTemplate template) {
    return database.query(
        "list names", schema.of(template), bind -> {}, Answer.all(row -> row.getString(1)));
  }
}
