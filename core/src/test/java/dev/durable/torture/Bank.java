package dev.durable.torture;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Moves money between accounts, and tells the outside world about it; a worker by {@link #main}.
 */
final class Bank {

  static final int ACCOUNTS = 20;
  static final String TABLES =
      "drop table if exists accounts, movements;"
          + " create table accounts (id int primary key, balance bigint not null);"
          + " create table movements (execution uuid, step text);"
          + " insert into accounts select i, 1000 from generate_series(0, "
          + (ACCOUNTS - 1)
          + ") i";

  /** So much from one account to another. */
  record Transfer(int from, int to, long amount) {}

  private Bank() {}

  static Workflow<Transfer, Transfer> transfer(int effects) {
    return Workflow.define("transfer", Transfer.class)
        .transaction("debit", (transfer, tx) -> book(tx, transfer.from(), -transfer.amount()))
        .step("announce", (transfer, step) -> tell(effects, step, step.idempotencyKey()))
        .transaction("credit", (transfer, tx) -> book(tx, transfer.to(), transfer.amount()))
        .step(
            "confirm",
            (transfer, step) -> {
              step.run("mail", Boolean.class, () -> mail(effects, step));
              return transfer;
            })
        .build();
  }

  /**
   * Runs a worker until the process is killed: url, user, password, name, port of the effects,
   * whether it sends and hears notifications.
   */
  public static void main(String[] args) throws InterruptedException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(args[0]);
    config.setUsername(args[1]);
    config.setPassword(args[2]);
    config.setMaximumPoolSize(12);
    config.setMinimumIdle(0);
    try (HikariDataSource pool = new HikariDataSource(config);
        Durable durable =
            Durable.on(pool)
                .worker(
                    w ->
                        w.name(args[3])
                            .notifications(Boolean.parseBoolean(args[5]))
                            .lease(Duration.ofSeconds(2))
                            .heartbeat(Duration.ofMillis(400))
                            .pollInterval(Duration.ofMillis(200))
                            .queue("default", queue -> queue.concurrency(30)))
                .register(transfer(Integer.parseInt(args[4])))
                // Whoever is killed with his worker in each second is not to blame.
                .worker(w -> w.maxRecoveries(10_000))
                .startWorker()) {
      Thread.currentThread().join();
    }
  }

  private static Transfer book(TransactionContext<Transfer> tx, int account, long amount)
      throws SQLException {
    try (PreparedStatement move =
            tx.connection()
                .prepareStatement("update accounts set balance = balance + ? where id = ?");
        PreparedStatement note =
            tx.connection().prepareStatement("insert into movements values (?, ?)")) {
      move.setLong(1, amount);
      move.setInt(2, account);
      move.executeUpdate();
      note.setObject(1, tx.execution().id());
      note.setString(2, tx.path());
      note.executeUpdate();
    }
    return tx.input();
  }

  private static boolean mail(int effects, StepContext<Transfer> step)
      throws IOException, InterruptedException {
    tell(effects, step, step.idempotencyKey());
    return true;
  }

  private static Transfer tell(int effects, StepContext<Transfer> step, String key)
      throws IOException, InterruptedException {
    Thread.sleep(20); // The work that a kill interrupts.
    EffectLog.tell(effects, key, step.attempt());
    return step.input();
  }
}
