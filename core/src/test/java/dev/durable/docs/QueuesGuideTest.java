package dev.durable.docs;

import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.WorkerOptions;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The snippets of docs/queues.md, which {@link SnippetsTest} keeps equal to these lines. */
@ExtendWith(DatabaseExtension.class)
class QueuesGuideTest {

  record Payment(String tenant, int cents) {}

  private static final Workflow<Payment, Integer> PAY =
      Workflow.define("pay", Payment.class, with -> with.queue("payments"))
          .step("pay", Integer.class, Payment::cents)
          .build();

  private static final Workflow<Integer, Integer> CALL_PARTNER =
      Workflow.define("call_partner", Integer.class, with -> with.queue("partner"))
          .step("call", n -> n + 1)
          .build();

  private final TestDatabase db;

  QueuesGuideTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  void limits() {
    try (Durable durable = worker(db.dataSource())) {
      Payment payment = new Payment("tenant-7", 5);
      durable.start(PAY, payment, o -> o.limitKey(payment.tenant()));
      assertThat(durable.start(CALL_PARTNER, 1).result(SOON)).isEqualTo(2);
      Gate.until(
          () -> durable.countByStatus(c -> {}).getOrDefault(ExecutionStatus.COMPLETED, 0L) == 2);
    }
    assertThat(
            db.rows(
                "select name, concurrency, key_concurrency, fair, rate, rate_period"
                    + " from durable.queues where limited order by name"))
        .containsExactly("partner|null|null|f|10|00:00:01", "payments|50|2|t|null|null");
  }

  private static Durable worker(DataSource dataSource) {
    Durable durable =
        Durable.on(dataSource)
            .register(PAY, CALL_PARTNER)
            .worker(
                w ->
                    w.queue(
                            "payments",
                            q -> q.concurrency(20).globalConcurrency(50).perKey(2).fair())
                        .queue("partner", q -> q.rate(10, ofSeconds(1))))
            .startWorker();
    return durable;
  }

  @Test
  void recipes() {
    Durable.on(db.dataSource()).register(PAY).worker(QueuesGuideTest::limit).startWorker().close();
    assertThat(db.rows("select rate from durable.queues where name = 'partner'"))
        .containsExactly("10");
    assertThat(
            db.rows(
                "select key_concurrency, counts_waiting from durable.queues where name = 'orders'"))
        .containsExactly("1|t");
  }

  private static void limit(WorkerOptions w) {
    w.queue("orders", q -> q.perKey(1).countWaiting());
    w.queue("partner", q -> q.rate(10, ofSeconds(1)));
  }
}
