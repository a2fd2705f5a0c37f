package dev.durable.session;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** For a while the database refuses what the engine writes, and says so. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RefusalTest {

  private static final int EXECUTIONS = 8;

  /** What is no fault of any value, whether the engine knows it or not. */
  private static final List<String> STATES =
      List.of(
          "0A000", "25006", "25P02", "26000", "42501", "42P01", "42P05", "53100", "53200", "54000",
          "55000", "55006", "57014", "58030", "72000", "P0001", "XX000", "XX001", "XX002", "ZZ999");

  private final Collection<String> bodies = new ConcurrentLinkedQueue<>();
  private final Gate shown = new Gate();
  private final Workflow<String, String> flow =
      Workflow.define("flow", String.class)
          .step(
              "one",
              (text, step) -> {
                bodies.add("one " + text);
                return text + "1";
              },
              with -> with.compensate("undo", done -> bodies.add("undo " + done)))
          .step(
              "two",
              (text, step) -> {
                bodies.add("two " + text);
                shown.pass();
                return text + "2";
              })
          .transaction("three", (text, tx) -> text + "3")
          .build();

  /**
   * A way to refuse.
   *
   * @param begin the SQL after which the database refuses
   * @param end the SQL after which it does not
   */
  record Refusal(String name, String begin, String end) {

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Refusal> refusals() {
    Stream<Refusal> raised =
        Stream.concat(
            STATES.stream().map(state -> raising(state, "step_executions")),
            Stream.of("42501", "57014", "XX000")
                .map(state -> raising(state, "workflow_executions")));
    String rename = "alter table durable.%s rename to %s";
    return Stream.concat(
        raised,
        Stream.of(
            new Refusal(
                "renamed",
                rename.formatted("step_executions", "steps_gone"),
                rename.formatted("steps_gone", "step_executions")),
            new Refusal(
                "an unknown column",
                "alter table durable.step_executions rename column output to output_gone",
                "alter table durable.step_executions rename column output_gone to output")));
  }

  private static Refusal raising(String state, String table) {
    return new Refusal(
        state + " by " + table,
        """
        create function refuse() returns trigger language plpgsql as $$
        begin raise exception 'not now' using errcode = '%s'; end $$;
        create trigger refuse before insert or update on durable.%s
        for each row execute function refuse()"""
            .formatted(state, table),
        "drop function refuse() cascade");
  }

  @ParameterizedTest
  @MethodSource("refusals")
  @Proves("F1.1")
  @DisplayName("Writes that the database refuses for a while are kept; no step fails for it")
  void isKept(Refusal refusal) throws Exception {
    try (TestDatabase db = TestDatabase.migrated();
        Durable worker =
            Durable.on(db.dataSource())
                .register(flow)
                .worker(
                    w ->
                        w.lease(ofSeconds(20))
                            .pollInterval(ofMillis(200))
                            .showRunningAfter(ofSeconds(10)))
                .startWorker()) {
      List<ExecutionHandle<String>> handles =
          worker.startAll(
              flow,
              IntStream.range(0, EXECUTIONS).mapToObj(i -> "" + i).toList(),
              (input, with) -> {});
      Gate.until(() -> bodies.size() == 2 * EXECUTIONS);
      db.script(refusal.begin);
      shown.open();
      long begun = System.nanoTime();
      Gate.until(() -> System.nanoTime() - begun > ofMillis(400).toNanos());
      assertThat(completed(db)).as("what ended while it was refused").isZero();
      db.script(refusal.end);
      for (int i = 0; i < EXECUTIONS; i++) {
        assertThat(handles.get(i).result(ofSeconds(30))).isEqualTo(i + "123");
      }
      assertThat(db.violations()).isEmpty();
      assertThat(db.rows("select path, error from durable.step_executions where error is not null"))
          .isEmpty();
    }
    assertThat(bodies).hasSize(2 * EXECUTIONS).doesNotHaveDuplicates();
  }

  private static long completed(TestDatabase db) {
    return db.number("select count(*) from durable.workflow_executions where status <> 'running'");
  }
}
