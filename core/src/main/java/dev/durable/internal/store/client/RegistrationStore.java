package dev.durable.internal.store.client;

import dev.durable.internal.store.client.DefinitionStore.Definition;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.queue.QueueOptions;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Registers the definitions and queues that a worker or a client brings. */
public final class RegistrationStore {

  /**
   * The queue and the timeout are no part of a definition's hash: those of the last worker count. A
   * client only adds definitions that are missing.
   */
  private static final StatementTemplate PUT_DEFINITION =
      new StatementTemplate(
          "RegistrationStore.PUT_DEFINITION",
          """
          insert into ${schema}.workflow_definitions
            (name, version, fingerprint, graph, shape, queue, timeout, compensate_on_cancel,
             compensate_on_timeout, first_seen_at, registered_at)
          values (?::text, ?::int, ?::text, ?::jsonb, ?::jsonb, ?::text,
                  ?::float8 * interval '1 microsecond', ?::bool, ?::bool, ?::timestamptz,
                  ?::timestamptz)
          on conflict (name, version, fingerprint) do update
            set graph = excluded.graph, shape = excluded.shape,
                compensate_on_cancel = excluded.compensate_on_cancel,
                compensate_on_timeout = excluded.compensate_on_timeout,
                queue = case when excluded.registered_at is null then workflow_definitions.queue
                             else excluded.queue end,
                timeout = case when excluded.registered_at is null
                               then workflow_definitions.timeout else excluded.timeout end,
                registered_at =
                  coalesce(excluded.registered_at, workflow_definitions.registered_at)
            where workflow_definitions.graph <> excluded.graph
               or workflow_definitions.shape is distinct from excluded.shape
               or workflow_definitions.compensate_on_cancel <> excluded.compensate_on_cancel
               or workflow_definitions.compensate_on_timeout <> excluded.compensate_on_timeout
               or pg_catalog.num_nonnulls(excluded.registered_at) = 1
          """);

  private static final StatementTemplate PUT_QUEUE =
      new StatementTemplate(
          "RegistrationStore.PUT_QUEUE",
          """
          insert into ${schema}.queues (name, first_seen_at) values (?::text, ?::timestamptz)
          on conflict (name) do nothing
          """);

  /** What an operator has set stays as it is. */
  private static final StatementTemplate DECLARE_LIMITS =
      new StatementTemplate(
          "RegistrationStore.DECLARE_LIMITS",
          """
          update ${schema}.queues q
          set declared_limits = d.limits, ${effective}
          from (select ?::text as name, ?::jsonb as limits) d
          where q.name = d.name and q.declared_limits is distinct from d.limits
          """
              .replace(
                  "${effective}",
                  QueueLimitsSql.effective(
                      "d.limits",
                      "q.override_limits",
                      "pg_catalog.num_nonnulls(q.paused_at) = 1")));

  public static final List<StatementTemplate> STATEMENTS =
      List.of(PUT_DEFINITION, PUT_QUEUE, DECLARE_LIMITS);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public RegistrationStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /**
   * Stores definitions; of those already known, the values that are no part of the fingerprint.
   *
   * @param works whether a worker registers them, and runs them as they are now
   */
  public void putDefinitions(Collection<Definition> definitions, boolean works) {
    Pipeline pipeline = new Pipeline();
    String put = schema.of(PUT_DEFINITION);
    // In the same order everywhere, or two that start at once wait for each other.
    definitions.stream()
        .sorted(
            Comparator.comparing(Definition::name)
                .thenComparingInt(Definition::version)
                .thenComparing(Definition::fingerprint))
        .forEach(row -> pipeline.add(put, bind -> bind(bind, row, works)));
    if (!definitions.isEmpty()) {
      pipeline.execute(database, "store the workflow definitions");
    }
  }

  private static void bind(Parameters bind, Definition row, boolean works) throws SQLException {
    bind.text(row.name())
        .number(row.version())
        .text(row.fingerprint())
        .text(row.graph())
        .text(row.shape())
        .text(row.queue())
        .duration(row.timeout())
        .flag(row.compensatesOnCancel())
        .flag(row.compensatesOnTimeout())
        .now();
    if (works) {
      bind.now();
    } else {
      bind.never();
    }
  }

  /** Stores the queues that a worker works on. */
  public void putQueues(Collection<String> queues) {
    putQueues(queues, Map.of());
  }

  /**
   * The same for a worker that starts: its limits hold from now on.
   *
   * @param options how it works on the queues that have options
   */
  public void putQueues(Collection<String> queues, Map<String, QueueOptions> options) {
    Pipeline pipeline = new Pipeline();
    String put = schema.of(PUT_QUEUE);
    String declare = schema.of(DECLARE_LIMITS);
    // In the same order everywhere, or two that start at once wait for each other.
    for (String name : new TreeSet<>(queues)) {
      pipeline.add(put, bind -> bind.text(name).now());
      QueueOptions declared = options.get(name);
      if (declared != null) {
        String limits = DeclaredLimits.json(declared);
        pipeline.add(declare, bind -> bind.text(name).text(limits));
      }
    }
    if (!queues.isEmpty()) {
      pipeline.execute(database, "store the queues");
    }
  }
}
