package dev.durable.cli.demo;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.examples.order.Confirmation;
import dev.durable.examples.order.Order;
import dev.durable.examples.order.OrderWorkflow;
import dev.durable.examples.order.fake.FakeServices;
import dev.durable.workflow.Workflow;
import java.time.Duration;

/** The equipment of each worker: connections, fake services, the order workflow. */
final class Shop implements AutoCloseable {

  /** The number of orders that one worker processes at a time. */
  static final int CONCURRENCY = 16;

  /** How long the orders of a dead worker still belong to it. */
  static final Duration LEASE = Duration.ofSeconds(3);

  private static final int CONNECTIONS = 8;

  private final HikariDataSource pool;
  private final FakeServices services;
  private final Ledger ledger;
  private final Workflow<Order, Confirmation> workflow;

  Shop(EmbeddedPostgres postgres, DemoFolder folder) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(postgres.dataSource());
    config.setMaximumPoolSize(CONNECTIONS);
    config.setPoolName("demo");
    this.pool = new HikariDataSource(config);
    this.services = new FakeServices(folder.gateway());
    this.ledger = new Ledger(folder.ledger());
    this.workflow = ledger.witness(OrderWorkflow.on(services));
  }

  Workflow<Order, Confirmation> workflow() {
    return workflow;
  }

  Ledger ledger() {
    return ledger;
  }

  /** A client, which processes no orders. */
  Durable client() {
    return engine().build();
  }

  /** A worker. */
  Durable worker(String name) {
    return engine().worker(w -> w.name(name)).startWorker();
  }

  private DurableBuilder engine() {
    return Durable.on(pool)
        .migrate(true)
        .register(workflow)
        .worker(
            w ->
                w.queue(OrderWorkflow.QUEUE, q -> q.concurrency(CONCURRENCY))
                    .lease(LEASE)
                    .heartbeat(Duration.ofSeconds(1))
                    .drainTime(Duration.ofSeconds(1)));
  }

  @Override
  public void close() {
    pool.close();
    ledger.close();
    services.close();
  }
}
