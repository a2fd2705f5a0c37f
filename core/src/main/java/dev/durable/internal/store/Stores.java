package dev.durable.internal.store;

import dev.durable.internal.store.client.CancelStore;
import dev.durable.internal.store.client.DefinitionStore;
import dev.durable.internal.store.client.DeployStore;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.MailboxStore;
import dev.durable.internal.store.client.QueryStore;
import dev.durable.internal.store.client.QuestionStore;
import dev.durable.internal.store.client.QueueStateStore;
import dev.durable.internal.store.client.QueueStore;
import dev.durable.internal.store.client.RegistrationStore;
import dev.durable.internal.store.client.RescheduleStore;
import dev.durable.internal.store.client.RetryStore;
import dev.durable.internal.store.client.WaitStore;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintSender;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.schedule.BackfillStore;
import dev.durable.internal.store.schedule.ScheduleStore;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.CompensationStore;
import dev.durable.internal.store.worker.DeadWorkerStore;
import dev.durable.internal.store.worker.DeadlineStore;
import dev.durable.internal.store.worker.HistoryStore;
import dev.durable.internal.store.worker.LimitStore;
import dev.durable.internal.store.worker.OrphanStore;
import dev.durable.internal.store.worker.OwnedDeadlineStore;
import dev.durable.internal.store.worker.ParkedStore;
import dev.durable.internal.store.worker.TakeoverStore;
import dev.durable.internal.store.worker.WorkerStore;

/**
 * Makes the stores of one database. They keep no state of their own, so each user may have one; a
 * claimer keeps its {@link ClaimStore}, which remembers how crowded the last claims were.
 *
 * @param database where; its hint sender reports what is committed
 * @param schema whose tables
 */
public record Stores(Database database, Schema schema) {

  /** The stores of a schema. */
  public static Stores on(Database database, Schema schema) {
    return new Stores(database, schema);
  }

  /** Workers and their leases. */
  public WorkerStore workers() {
    return new WorkerStore(database, schema);
  }

  /** Dead workers, and owners without a row. */
  public DeadWorkerStore deadWorkers() {
    return new DeadWorkerStore(database, schema);
  }

  /** Executions that a live worker owns and does not run. */
  public OrphanStore orphans() {
    return new OrphanStore(database, schema);
  }

  /** Executions that dead workers left. */
  public TakeoverStore takeovers() {
    return new TakeoverStore(database, schema);
  }

  /** Claims of due work. */
  public ClaimStore claims() {
    return new ClaimStore(schema);
  }

  /** Histories of executions. */
  public HistoryStore histories() {
    return new HistoryStore(database, schema);
  }

  /** Deadlines of executions that this worker owns. */
  public OwnedDeadlineStore ownedDeadlines() {
    return new OwnedDeadlineStore(database, schema);
  }

  /** Deadlines of executions that belong to no worker. */
  public DeadlineStore deadlines() {
    return new DeadlineStore(database, schema);
  }

  /** Executions that fitted no definition. */
  public ParkedStore parked() {
    return new ParkedStore(database, schema);
  }

  /** Plans of compensations. */
  public CompensationStore compensations() {
    return new CompensationStore(database, schema);
  }

  /** Writes of owners, and starts. */
  public JournalStore journal() {
    return new JournalStore(schema);
  }

  /** Single executions. */
  public ExecutionStore executions() {
    return new ExecutionStore(database, schema);
  }

  /** Cancels of executions. */
  public CancelStore cancels() {
    return new CancelStore(database, schema);
  }

  /** Retries of executions. */
  public RetryStore retries() {
    return new RetryStore(database, schema);
  }

  /** Changes of due times. */
  public RescheduleStore reschedules() {
    return new RescheduleStore(database, schema);
  }

  /** Lists of executions. */
  public QueryStore queries() {
    return new QueryStore(database, schema);
  }

  /** Registrations of definitions and queues. */
  public RegistrationStore registrations() {
    return new RegistrationStore(database, schema);
  }

  /** Definitions and queues. */
  public DefinitionStore definitions() {
    return new DefinitionStore(database, schema);
  }

  /** Definitions and the workers that have them. */
  public DeployStore deployments() {
    return new DeployStore(database, schema);
  }

  /** Mailboxes of executions. */
  public MailboxStore mailboxes() {
    return new MailboxStore(database, schema);
  }

  /** Open waits. */
  public WaitStore waits() {
    return new WaitStore(database, schema);
  }

  /** Schedules. */
  public ScheduleStore schedules() {
    return new ScheduleStore(database, schema);
  }

  /** Requests for backfills of schedules. */
  public BackfillStore backfills() {
    return new BackfillStore(database, schema, HintSender.SILENT);
  }

  /** Queues, as operators change them. */
  public QueueStore queues() {
    return new QueueStore(database, schema);
  }

  /** Limits of queues. */
  public LimitStore limits() {
    return new LimitStore(schema);
  }

  /** What is in queues. */
  public QueueStateStore queueStates() {
    return new QueueStateStore(database, schema);
  }

  /** Questions to people. */
  public QuestionStore questions() {
    return new QuestionStore(database, schema);
  }
}
