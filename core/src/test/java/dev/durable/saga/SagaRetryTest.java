package dev.durable.saga;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves("F8.3")
@DisplayName("A retry continues the work when nothing had to be undone")
class SagaRetryTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final AtomicBoolean mended = new AtomicBoolean();

  SagaRetryTest(TestDatabase db) {
    this.db = db;
  }

  private Workflow<String, String> forking() {
    return Workflow.define("forking", String.class)
        .step("first", this::first)
        .parallel(
            "fork",
            par -> {
              par.path(
                  "one",
                  String.class,
                  path ->
                      path.step("book", (String s) -> s, with -> with.compensate("no", s -> {})));
              return par.join((s, results) -> s + "!");
            })
        .build();
  }

  private String first(String s) {
    if (!mended.get()) {
      throw new IllegalStateException("not yet");
    }
    return s;
  }

  @Test
  @Proves("F8.3")
  @DisplayName("A fork and a compensation stand in the definition, and neither was reached")
  void failedBeforeTheFork() {
    Workflow<String, String> flow = forking();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "a").id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      durable.retry(id);
      untilStatus(durable, id, ExecutionStatus.FAILED);
      mended.set(true);
      durable.retry(id);
      assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("a!");
      assertThat(durable.find(id).orElseThrow().compensations()).isEmpty();
    }
  }

  @Test
  @Proves("F8.3")
  @DisplayName("The timeout came before there was anything to undo")
  void timedOutBeforeTheFork() {
    Workflow<String, String> flow =
        Workflow.define(
                "timed",
                String.class,
                with -> with.timeout(Duration.ofHours(1)).compensateOn(CompensationTrigger.TIMEOUT))
            .await("go", GO, (s, got) -> s + got)
            .parallel(
                "fork",
                par -> {
                  par.path(
                      "one",
                      String.class,
                      path ->
                          path.step(
                              "book", (String s) -> s, with -> with.compensate("no", s -> {})));
                  return par.join((s, results) -> s + "!");
                })
            .build();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "a").id();
      untilStatus(durable, id, ExecutionStatus.WAITING);
      db.makeOverdue(id);
      untilStatus(durable, id, ExecutionStatus.FAILED);
      db.moveDeadline(id, ofHours(1));
      durable.retry(id);
      untilStatus(durable, id, ExecutionStatus.WAITING);
      durable.send(id, GO, "b");
      assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("ab!");
    }
  }
}
