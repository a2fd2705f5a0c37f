package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("F12.5")
@DisplayName("The first claim brings the events sent before it")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class FirstClaimTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final Workflow<String, String> waits =
      Workflow.define("waits", String.class).await("go", GO, (data, go) -> data + go).build();

  FirstClaimTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("startAndSend costs one claim")
  void startAndSend() {
    try (Durable durable = db.start(waits)) {
      List<UUID> started = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        started.add(durable.startAndSend(waits, "a", GO, "b").id());
      }
      started.forEach(id -> assertThatOneClaimDoes(durable, id));
    }
  }

  @Test
  @DisplayName("It also brings events that a client sent before a worker was there")
  void sentBefore() {
    try (Durable client = Durable.on(db.dataSource()).register(waits).build()) {
      db.createDefaultQueue();
      UUID id = client.start(waits, "a").id();
      client.send(id, GO, "b");
      try (Durable durable = db.start(waits)) {
        assertThatOneClaimDoes(durable, id);
      }
    }
  }

  @Test
  @DisplayName("A branch of a parallel gets its event while another one runs")
  void inAParallel() {
    CountDownLatch received = new CountDownLatch(1);
    Workflow<String, String> two =
        Workflow.define("two_branches", String.class)
            .parallel(
                "both",
                par -> {
                  var waiting =
                      par.path(
                          "waits",
                          String.class,
                          path ->
                              path.await(
                                  "go",
                                  GO,
                                  (data, go) -> {
                                    received.countDown();
                                    return data + go;
                                  }));
                  par.step(
                      "runs",
                      String.class,
                      (String data, StepContext<String> step) -> {
                        received.await();
                        return data;
                      });
                  return par.join((data, results) -> results.get(waiting));
                })
            .build();
    try (Durable durable = db.start(two)) {
      UUID id = durable.startAndSend(two, "a", GO, "b").id();
      assertThat(durable.handle(id, two).result(EVENTUALLY)).isEqualTo("ab");
      assertThat(db.number("select lock_token from durable.workflow_executions where id = ?", id))
          .isOne();
    }
  }

  private void assertThatOneClaimDoes(Durable durable, UUID id) {
    assertThat(durable.handle(id, waits).result(EVENTUALLY)).isEqualTo("ab");
    assertThat(db.number("select lock_token from durable.workflow_executions where id = ?", id))
        .as("claims")
        .isOne();
  }
}
