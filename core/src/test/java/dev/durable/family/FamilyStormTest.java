package dev.durable.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionStateException;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves("F8.1")
@DisplayName("Families that grow while they are cancelled")
class FamilyStormTest {

  private static final Event<String> NEVER = Event.of("never", String.class);
  private static final int FAMILIES = 60;

  private static final Workflow<String, String> LEAF =
      Workflow.define("leaf", String.class).await("never", NEVER, (s, got) -> s).build();

  private static final Workflow<String, String> MIDDLE = growing("middle", LEAF);
  private static final Workflow<String, String> TOP = growing("top", MIDDLE);

  private final TestDatabase db;

  FamilyStormTest(TestDatabase db) {
    this.db = db;
  }

  /** Starts children one after the other, and calls the last one. */
  private static Workflow<String, String> growing(String name, Workflow<String, String> child) {
    return Workflow.of(
        name,
        String.class,
        String.class,
        (String s, StepContext<String> step) -> {
          for (int i = 0; i < 4; i++) {
            step.start("child" + i, child, s, with -> {});
          }
          return step.call("last", child, s, with -> {});
        });
  }

  @Test
  @Proves("F8.1")
  @DisplayName("Nothing below a cancelled execution is left under way, however it grows")
  void nothingSurvives() {
    Random random = new Random(81);
    try (HikariDataSource otherPool = db.newPool(10);
        Durable one = db.start(LEAF, MIDDLE, TOP);
        Durable other = Durable.on(otherPool).register(LEAF, MIDDLE, TOP).startWorker()) {
      List<CompletableFuture<UUID>> cancels = new ArrayList<>();
      for (int i = 0; i < FAMILIES; i++) {
        long pause = random.nextLong(40_000_000);
        Durable by = random.nextBoolean() ? one : other;
        cancels.add(CompletableFuture.supplyAsync(() -> startAndCancel(one, by, pause)));
      }
      cancels.forEach(CompletableFuture::join);
      Gate.until(
          () ->
              db.number(
                      "select count(*) from durable.workflow_executions"
                          + " where status = 'running'")
                  == 0);
      assertThat(
              db.rows(
                  """
                  with recursive family as (
                    select id from durable.workflow_executions where workflow_name = 'top'
                    union all
                    select c.id from family f
                    join durable.workflow_executions c on c.parent_workflow_id = f.id)
                  select e.workflow_name, e.status, count(*) from family
                  join durable.workflow_executions e using (id)
                  where e.status <> 'cancelled' group by 1, 2
                  """))
          .isEmpty();
    }
  }

  private static UUID startAndCancel(Durable one, Durable by, long pause) {
    UUID id = one.start(TOP, "a").id();
    LockSupport.parkNanos(pause);
    try {
      by.cancel(id);
    } catch (ExecutionStateException ended) {
      throw new AssertionError("it waits for ever", ended);
    }
    return id;
  }
}
