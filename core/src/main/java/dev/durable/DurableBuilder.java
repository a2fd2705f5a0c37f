package dev.durable;

import dev.durable.internal.DurableInstance;
import dev.durable.internal.client.Registration;
import dev.durable.internal.codec.StoredTypes;
import dev.durable.internal.schedule.DeclaredSchedules;
import dev.durable.internal.settings.Settings;
import dev.durable.internal.store.jdbc.SqlErrors;
import dev.durable.internal.store.jdbc.StartCheck;
import dev.durable.json.JsonCodec;
import dev.durable.migration.DurableMigration;
import dev.durable.migration.MigrationException;
import dev.durable.queue.QueueOptions;
import dev.durable.schedule.Schedule;
import dev.durable.workflow.Workflow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * Configures an instance: {@link #build()} for one that starts and asks, {@link #startWorker()} for
 * one that also works. Mutable.
 */
public final class DurableBuilder {

  private static final String CALLERS_CONNECTIONS =
      "org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy";

  private final DataSource dataSource;
  private final List<Workflow<?, ?>> workflows = new ArrayList<>();
  private final List<Schedule<?>> schedules = new ArrayList<>();
  private final Map<String, QueueOptions> queues = new LinkedHashMap<>();
  private final Settings settings = new Settings();
  private boolean migrate;

  /** Refuses a DataSource that hands out connections of its callers' transactions. */
  static DataSource requirePool(DataSource dataSource) {
    Objects.requireNonNull(dataSource, "dataSource");
    for (Class<?> type = dataSource.getClass(); type != null; type = type.getSuperclass()) {
      if (type.getName().equals(CALLERS_CONNECTIONS)) {
        throw new IllegalArgumentException(
            "A TransactionAwareDataSourceProxy hands out the connection of the transaction that the"
                + " caller is in, and Durable would commit it. Give Durable.on(...) the pool itself,"
                + " and let .transactions(binding) join your transactions.");
      }
    }
    return dataSource;
  }

  DurableBuilder(DataSource dataSource) {
    this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
  }

  /**
   * Makes definitions known. A worker claims only executions of what it has registered, and serves
   * their queues.
   *
   * @throws IllegalArgumentException if another definition of the same name and version is
   *     registered
   */
  public DurableBuilder register(Workflow<?, ?>... definitions) {
    Objects.requireNonNull(definitions, "definitions");
    for (Workflow<?, ?> workflow : definitions) {
      Registration.require(List.of(Objects.requireNonNull(workflow, "workflow")), workflows);
      workflows.add(workflow);
    }
    return this;
  }

  /**
   * Declares schedules: the worker stores them at its start, and any worker serves their ticks.
   * What the code says of a schedule replaces what is stored; its pause stays. A schedule whose
   * declaration has gone from the code goes on, unless it was declared with {@link
   * dev.durable.schedule.ScheduleOptions#removeWhenUndeclared}.
   *
   * @throws IllegalArgumentException if another schedule of that name is declared
   */
  public DurableBuilder schedule(Schedule<?>... declared) {
    Objects.requireNonNull(declared, "declared");
    for (Schedule<?> schedule : declared) {
      DeclaredSchedules.require(List.of(Objects.requireNonNull(schedule, "schedule")), schedules);
      schedules.add(schedule);
    }
    return this;
  }

  /**
   * How the worker works, once it is started: {@code w -> w.lease(Duration.ofSeconds(30))}. Each
   * call adds to the ones before.
   */
  public DurableBuilder worker(Consumer<? super WorkerOptions> with) {
    WorkerOptions.change(settings, queues, with);
    return this;
  }

  /** The PostgreSQL schema of the tables. Default {@code durable}. */
  public DurableBuilder prefix(String schema) {
    settings.schema = DurableMigration.requirePrefix(Objects.requireNonNull(schema, "prefix"));
    return this;
  }

  /**
   * Applies pending migrations at the start instead of refusing to start. For demos and tests.
   * Default false.
   */
  public DurableBuilder migrate(boolean apply) {
    this.migrate = apply;
    return this;
  }

  /** How values are stored. Default {@link JsonCodec#jackson()}. */
  public DurableBuilder codec(JsonCodec jsonCodec) {
    settings.codec = Objects.requireNonNull(jsonCodec, "jsonCodec");
    return this;
  }

  /**
   * Takes part in the transactions of the application's framework: operations of {@link Durable}
   * join the transaction that their thread is in, and the transactions of steps are the
   * framework's. Default: none, so that each operation has a transaction of its own.
   *
   * @param binding whose connections lead to the database of this instance
   */
  public DurableBuilder transactions(TransactionBinding binding) {
    settings.transactions = Objects.requireNonNull(binding, "binding");
    return this;
  }

  /**
   * Limits for the JSON of one value, in bytes. Above the soft one a warning is logged; above the
   * hard one the start is refused, or the step fails without retry. Default 1 MiB and 64 MiB.
   *
   * @throws IllegalArgumentException if not {@code 0 < soft <= hard}
   */
  public DurableBuilder payloadLimits(long softBytes, long hardBytes) {
    if (softBytes <= 0 || softBytes > hardBytes) {
      throw new IllegalArgumentException(
          "payload limits need 0 < soft <= hard: " + softBytes + ", " + hardBytes);
    }
    settings.softPayloadBytes = softBytes;
    settings.hardPayloadBytes = hardBytes;
    return this;
  }

  /**
   * Opens an instance that starts and asks, and runs no work before {@link Durable#startWorker()}.
   * One without registered workflows may belong to a role that has no right to write; then it only
   * reads.
   *
   * @throws dev.durable.migration.PendingMigrationsException if the schema is older or newer than
   *     this library
   * @throws UnsuitableDatabaseException if the database's encoding is not UTF8, the server is a
   *     standby, the driver's {@code preferQueryMode} is {@code simple}, or the role lacks rights,
   *     which the message lists as {@code grant} statements; nothing has been written then
   * @throws DatabaseUnavailableException if the database cannot be reached
   * @throws dev.durable.workflow.InvalidWorkflowException if the codec refuses a type whose values
   *     a registered workflow stores; the database has not been asked then
   * @throws IllegalStateException if the heartbeat is more than a third of the lease
   */
  public Durable build() {
    Durable durable = open(workflows.isEmpty());
    return workflows.isEmpty()
        ? durable
        : orClosed(durable, () -> durable.register(workflows.toArray(Workflow<?, ?>[]::new)));
  }

  /**
   * {@link #build()} with its worker started: the instance runs executions until {@link
   * Durable#close()}.
   *
   * @throws DurableException as {@link #build()}
   * @throws IllegalStateException if nothing is registered, or the heartbeat is more than a third
   *     of the lease
   */
  public Durable startWorker() {
    Durable durable = open(false);
    return orClosed(durable, durable::startWorker);
  }

  private static Durable orClosed(Durable durable, Runnable last) {
    try {
      last.run();
      return durable;
    } catch (Throwable failure) {
      durable.close();
      throw failure;
    }
  }

  private Durable open(boolean reader) {
    if (settings.heartbeat.multipliedBy(3).compareTo(settings.lease) > 0) {
      throw new IllegalStateException(
          "The heartbeat ("
              + settings.heartbeat
              + ") must be at most a third of the lease ("
              + settings.lease
              + ").");
    }
    // Not in register: the codec may be given after it.
    workflows.forEach(workflow -> StoredTypes.require(workflow, settings.codec));
    StartCheck check = new StartCheck(dataSource, settings.schema);
    prepareSchema(check, reader);
    return DurableInstance.open(
        dataSource,
        settings.copy(),
        List.copyOf(workflows),
        List.copyOf(schedules),
        Map.copyOf(queues),
        reader ? () -> check.beforeStarting(false) : () -> {});
  }

  private void prepareSchema(StartCheck check, boolean reader) {
    DurableMigration migration = DurableMigration.on(dataSource).prefix(settings.schema);
    try {
      if (migrate) {
        check.beforeMigrating();
        migration.up();
      }
      migration.verify();
    } catch (MigrationException failure) {
      throw explain(failure, check, reader);
    }
    check.beforeStarting(reader);
  }

  /** A role that may not even see the version is told of all the rights that it lacks. */
  private static DurableException explain(
      MigrationException failure, StartCheck check, boolean reader) {
    if (failure.getCause() instanceof SQLException sql) {
      if (SqlErrors.isUnavailable(sql)) {
        return SqlErrors.translate("look at the Durable schema", sql);
      }
      if (SqlErrors.isForbidden(sql)) {
        check.beforeStarting(reader);
      }
    }
    return failure;
  }
}
