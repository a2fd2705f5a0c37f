package dev.durable.docs;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.queue.QueueState;
import dev.durable.queue.QueueStats;
import dev.durable.queue.Queues;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The snippets of docs/queues-operating.md, and those of docs/starting.md that debounce. */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class QueueOperationsGuideTest {

  private static final Workflow<String, String> PAY =
      Workflow.define("pay", String.class, with -> with.queue("payments"))
          .step("pay", text -> text)
          .build();

  private final TestDatabase db;

  QueueOperationsGuideTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  void operating() {
    try (Durable durable = db.start(PAY)) {
      Queues queues = durable.queues();
      queues.pause("payments", "the bank is down", "jane");
      queues.resume("payments");
      List<Execution> left = queues.drain("payments", Duration.ofMinutes(1));
      assertThat(left).isEmpty();
      assertThat(queues.find("payments").orElseThrow().isPaused()).isTrue();
      queues.resume("payments");

      queues.limits(
          "payments", "jane", l -> l.globalConcurrency(10).rate(100, Duration.ofMinutes(1)));
      queues.limits("payments", "jane", l -> l.noRate());
      assertThat(queues.find("payments").orElseThrow().override().names()).containsOnly("rate");
      queues.clearOverrides("payments");

      durable.start(PAY, "x", o -> o.delay(Duration.ofHours(1)));
      List<String> lines = new ArrayList<>();
      for (QueueState queue : durable.queues().list()) {
        QueueStats stats = queue.stats();
        String line =
            "%s%s: %d due, %d delayed, %d running, %d waiting"
                .formatted(
                    queue.name(),
                    queue.isPaused() ? " (paused)" : "",
                    stats.due(),
                    stats.delayed(),
                    stats.running(),
                    stats.waiting());
        queue.warning().ifPresent(System.err::println);
        lines.add(line);
      }
      assertThat(lines).contains("payments: 0 due, 1 delayed, 0 running, 0 waiting");
    }
  }

  @Test
  void debouncing() {
    Workflow<String, String> reindex =
        Workflow.define("reindex", String.class).step("index", text -> text).build();
    try (Durable durable = db.start(reindex)) {
      durable.start(reindex, "old", o -> o.debounce("customer-7", Duration.ofSeconds(5)));
      String customer = "new";
      durable.start(
          reindex,
          customer,
          o -> o.debounce("customer-7", Duration.ofSeconds(5), Duration.ofMinutes(1)));
      Execution made = durable.find("reindex", "customer-7").orElseThrow();
      durable.reschedule(made.id(), Duration.ZERO);
      ExecutionHandle<String> handle = durable.handle(made.id(), reindex);
      assertThat(handle.result(ofSeconds(30))).isEqualTo("new");
    }
  }
}
