package dev.durable.session;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.session.Setting.Way;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What takes the database long to store, in sessions that allow no statement so much time. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BigValueTest {

  private static final int BIG = 24 << 20;

  private final Workflow<String, String> big =
      Workflow.define("big", String.class)
          .step("one", text -> text.repeat(BIG))
          .step("two", text -> "" + text.length())
          .build();
  private final Workflow<String, String> small =
      Workflow.define("small", String.class).step("one", text -> text + "1").build();

  @Test
  @Proves("F1.2")
  @DisplayName(
      "Big results under a session's statement_timeout are stored, and hold up nothing else")
  void aStatementTimeoutIsNotTheEngines() throws Exception {
    try (TestDatabase db = TestDatabase.migrated()) {
      Sessions sessions =
          Sessions.of(db, List.of(new Setting("statement_timeout", "100ms")), Way.OPTIONS, "");
      try (Pool.Open pool = Pool.HIKARI.open(sessions, Pool.Defaults.NONE);
          Durable durable = Durable.on(pool.dataSource()).register(big, small).startWorker()) {
        ExecutionHandle<String> first = durable.start(big, "a");
        ExecutionHandle<String> second = durable.start(big, "b");
        for (int i = 0; i < 20; i++) {
          assertThat(durable.start(small, "" + i).result(ofSeconds(20))).isEqualTo(i + "1");
        }
        assertThat(first.result(ofSeconds(60))).isEqualTo("" + BIG);
        assertThat(second.result(ofSeconds(60))).isEqualTo("" + BIG);
      } finally {
        assertThat(db.violations()).isEmpty();
      }
    }
  }
}
