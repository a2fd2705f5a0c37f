package dev.durable.docs;

import static dev.durable.testing.DurableFixture.untilEnded;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.EffectFailedException;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** More snippets of docs/steps.md, which {@link SnippetsTest} keeps equal to these lines. */
@ExtendWith(DatabaseExtension.class)
class StepsGuideTest {

  private final TestDatabase db;

  StepsGuideTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  void onFailure() {
    Workflow<Integer, String> advice =
        Workflow.define("advice", Integer.class)
            .step(
                "ask the partner",
                String.class,
                customer -> {
                  throw new IllegalStateException("The partner is away.");
                },
                with ->
                    with.retry(
                            RetryPolicy.constant(ofMillis(10))
                                .maxAttempts(1000)
                                .within(ofMillis(50)))
                        .onFailure((customer, error) -> "none: " + error.message()))
            .build();
    Workflow<Integer, String> adviceInABody =
        Workflow.of(
            "advice_in_a_body",
            Integer.class,
            String.class,
            (customer, step) -> {
              try {
                return step.run(
                    "ask the partner",
                    String.class,
                    () -> {
                      throw new IllegalStateException("The partner is away.");
                    },
                    with -> with.retry(RetryPolicy.constant(ofMillis(10)).maxAttempts(5)));
              } catch (EffectFailedException failed) {
                return "none: " + failed.error().message();
              }
            });
    Workflow<List<String>, List<String>> joined =
        Workflow.define("advice_with_into", new TypeRef<List<String>>() {})
            .step(
                "ask the partner",
                customers -> {
                  if (customers.size() < 2) {
                    throw new IllegalStateException("The partner is away.");
                  }
                  return customers.size();
                },
                (customers, number) -> List.of("number " + number),
                with -> with.onFailure((customers, error) -> List.of(customers.getFirst(), "none")))
            .build();
    try (Durable durable = db.start(advice, adviceInABody, joined)) {
      assertThat(durable.start(advice, 7).result(ofSeconds(30)))
          .startsWith("none: The partner is away.");
      assertThat(durable.start(adviceInABody, 7).result(ofSeconds(30)))
          .startsWith("none: The partner is away.");
      assertThat(durable.start(joined, List.of("ada")).result(ofSeconds(30)))
          .as("onFailure makes the data: into is not asked")
          .containsExactly("ada", "none");
    }
  }

  @Test
  void progress() {
    AtomicInteger copied = new AtomicInteger();
    Workflow<List<String>, Integer> copy =
        Workflow.of(
            "copy",
            new TypeRef<List<String>>() {},
            TypeRef.of(Integer.class),
            (files, step) -> {
              int done = step.progress(Integer.class).orElse(0);
              for (String file : files.subList(done, files.size())) {
                if (copied.incrementAndGet() == 3) {
                  throw new IllegalStateException("The network is away at " + file);
                }
                step.progress(++done);
              }
              return done;
            },
            with -> with.retry(RetryPolicy.constant(ofMillis(1))));
    try (Durable durable = db.start(copy)) {
      assertThat(durable.start(copy, List.of("a", "b", "c", "d")).result(ofSeconds(30)))
          .isEqualTo(4);
    }
    assertThat(copied).as("no file was copied again").hasValue(5);
  }

  @Test
  void aWholeWorkflowIsTriedAgain() {
    AtomicInteger checked = new AtomicInteger();
    AtomicInteger loads = new AtomicInteger();
    Workflow<String, String> nightly =
        Workflow.define(
                "nightly",
                String.class,
                with ->
                    with.retryWorkflow(
                        RetryPolicy.exponential(ofMillis(10)).maxAttempts(4).thenPark()))
            .step("check", day -> checked.incrementAndGet() + " " + day)
            .step(
                "load",
                day -> {
                  if (loads.incrementAndGet() < 3) {
                    throw new IllegalStateException("no data yet");
                  }
                  return "loaded " + day;
                })
            .build();
    try (Durable durable = db.start(nightly)) {
      assertThat(durable.start(nightly, "Monday").result(ofSeconds(30)))
          .isEqualTo("loaded 1 Monday");
    }
    assertThat(loads).hasValue(3);
  }

  @Test
  void aWholeWorkflowAgain() {
    List<String> runs = new CopyOnWriteArrayList<>();
    Workflow<String, String> nightly =
        Workflow.define("nightly", String.class)
            .step(
                "load",
                day -> {
                  runs.add(day);
                  if (runs.size() < 3) {
                    throw new IllegalStateException("no data yet");
                  }
                  return "loaded " + day;
                })
            .build();
    Workflow<String, String> patient =
        Workflow.of(
            "patient_nightly",
            String.class,
            String.class,
            (day, step) -> {
              for (int run = 1; ; run++) {
                try {
                  return step.call("run " + run, nightly, day);
                } catch (ChildFailedException failed) {
                  if (run == 3) {
                    throw failed;
                  }
                  step.sleep("pause " + run, ofMillis(20));
                }
              }
            });
    try (Durable durable = db.start(nightly, patient)) {
      var handle = durable.start(patient, "Monday");
      assertThat(handle.result(ofSeconds(30))).isEqualTo("loaded Monday");
      assertThat(
              db.rows(
                  "select status from durable.workflow_executions where parent_workflow_id = ?"
                      + " order by inserted_at",
                  handle.id()))
          .containsExactly("failed", "failed", "completed");
    }
  }

  @Test
  void aChildsFailureIsNotRetried() {
    AtomicInteger runs = new AtomicInteger();
    Workflow<String, String> child =
        Workflow.define("failing_child", String.class)
            .step(
                "fail",
                text -> {
                  throw new IllegalStateException("run " + runs.incrementAndGet());
                })
            .build();
    Workflow<String, String> parent =
        Workflow.of(
            "retried_parent",
            String.class,
            String.class,
            (text, step) -> step.call("child", child, text),
            with -> with.retry(RetryPolicy.constant(ofMillis(1)).maxAttempts(3)));
    try (Durable durable = db.start(child, parent)) {
      var handle = durable.start(parent, "x");
      untilEnded(durable, handle.id());
      assertThat(durable.steps(handle.id()))
          .filteredOn(row -> row.path().equals("body"))
          .hasSize(1);
    }
    assertThat(runs).hasValue(1);
  }
}
