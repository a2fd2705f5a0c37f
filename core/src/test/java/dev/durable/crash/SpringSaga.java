package dev.durable.crash;

import dev.durable.DurableBuilder;
import dev.durable.binding.SpringTransactions;
import dev.durable.execution.CompensationResult;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.CompensationContext;
import dev.durable.workflow.CompensationOptions;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/**
 * A saga whose transactions are Spring's: a step's, an effect's, and that of the step's
 * compensation. In each of them a bean saves a row through Spring.
 */
final class SpringSaga implements Story {

  /**
   * A bean's statement that fails on a connection that works may as well be one of another
   * database: its attempt has failed.
   */
  private static final RetryPolicy AGAIN =
      RetryPolicy.constant(Duration.ofMillis(1)).maxAttempts(3);

  @Override
  public String name() {
    return "SPRING_SAGA";
  }

  @Override
  public String toString() {
    return name();
  }

  @Override
  public DurableBuilder prepare(DurableBuilder builder, DataSource data) {
    return builder.transactions(
        new SpringTransactions(data, new DataSourceTransactionManager(data)));
  }

  @Override
  public Workflow<String, String> define(String name, Victim victim) {
    return Workflow.define(name, String.class, with -> with.queue(name))
        .runInTransaction(
            "hotel",
            (text, tx) -> save(victim, tx, tx.path()),
            with ->
                with.retry(AGAIN)
                    .compensate("cancel", (text, undo) -> undo(victim, undo), SpringSaga::again))
        .run(
            "trip",
            (text, step) -> {
              step.transaction(
                  "car", tx -> save(victim, tx, tx.path() + "/car"), with -> with.retry(AGAIN));
              throw new IllegalStateException("no flight");
            })
        .build();
  }

  private static void again(CompensationOptions with) {
    with.retry(AGAIN);
  }

  private static void undo(Victim victim, CompensationContext<?> undo) throws Exception {
    undo.transaction("save", tx -> save(victim, tx, tx.path() + "/save"));
  }

  /** The bean knows nothing of the step's connection. */
  private static void save(Victim victim, TransactionContext<?> tx, String path) {
    victim.enter("", path, tx);
    new JdbcTemplate(victim.data.dataSource())
        .update("insert into transfers values (?, ?)", tx.execution().id(), path);
  }

  @Override
  public void check(Outcome outcome) {
    Execution execution = outcome.execution();
    outcome.expect("G9: status", execution.status(), ExecutionStatus.COMPENSATED);
    outcome.expect(
        "G9: order",
        execution.compensations().stream().map(CompensationResult::step).toList(),
        List.of("hotel"));
    outcome.expect(
        "G5: saved", outcome.transferred(), List.of("hotel", "hotel~cancel/save", "trip/car"));
    outcome.expect(
        "failures of a lost connection", outcome.failuresBut("no flight", "NOT_SENT"), List.of());
  }
}
