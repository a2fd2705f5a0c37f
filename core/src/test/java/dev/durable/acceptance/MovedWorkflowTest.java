package dev.durable.acceptance;

import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F8.5")
@DisplayName("Clients start a workflow as the workers have it now")
class MovedWorkflowTest {

  private static final Duration LONG = ofHours(1);

  private final TestDatabase db;

  MovedWorkflowTest(TestDatabase db) {
    this.db = db;
  }

  private static Workflow<String, String> workflow(
      String name, String queue, @Nullable Duration timeout, String... steps) {
    var builder =
        Workflow.define(
            name,
            String.class,
            with -> {
              with.queue(queue);
              if (timeout != null) {
                with.timeout(timeout);
              }
            });
    for (String step : steps) {
      builder = builder.step(step, text -> text);
    }
    return builder.build();
  }

  private void deploy(Workflow<String, String> workflow) {
    db.start(workflow).close();
  }

  private Execution startByName(String name) {
    try (Durable client = Durable.on(db.dataSource()).build()) {
      UUID id = client.start(name, "\"x\"", options -> {}).id();
      return client.find(id).orElseThrow();
    }
  }

  private static @Nullable Duration limit(Execution execution) {
    return execution.deadlineAt() == null
        ? null
        : Duration.between(execution.insertedAt(), execution.deadlineAt());
  }

  @Test
  void inItsNewQueue() {
    deploy(workflow("queue", "old", null, "s"));
    assertThat(startByName("queue").queue()).isEqualTo("old");
    deploy(workflow("queue", "new", null, "s"));
    assertThat(startByName("queue").queue()).isEqualTo("new");
    deploy(workflow("queue", "old", null, "s"));
    assertThat(startByName("queue").queue()).isEqualTo("old");
  }

  @Test
  void withItsNewTimeout() {
    deploy(workflow("timeout", "q", null, "s"));
    assertThat(limit(startByName("timeout"))).isNull();
    deploy(workflow("timeout", "q", LONG, "s"));
    assertThat(limit(startByName("timeout"))).isEqualTo(LONG);
    deploy(workflow("timeout", "q", LONG.multipliedBy(2), "s"));
    assertThat(limit(startByName("timeout"))).isEqualTo(LONG.multipliedBy(2));
    deploy(workflow("timeout", "q", null, "s"));
    assertThat(limit(startByName("timeout"))).isNull();
  }

  @Test
  void asItIsAfterARollbackOfAnEdit() {
    Workflow<String, String> before = workflow("edited", "old", null, "a");
    Workflow<String, String> after = workflow("edited", "new", LONG, "a", "b");
    deploy(before);
    deploy(after);
    assertThat(startByName("edited").queue()).isEqualTo("new");
    deploy(before);
    Execution started = startByName("edited");
    assertThat(started.queue()).isEqualTo("old");
    assertThat(started.fingerprint()).isEqualTo(before.fingerprint());
    assertThat(limit(started)).isNull();
  }

  @Test
  void whateverClientsOfAnOlderBuildHave() {
    deploy(workflow("client", "old", null, "s"));
    deploy(workflow("client", "new", LONG, "s"));
    Durable.on(db.dataSource()).register(workflow("client", "old", null, "s")).build().close();
    Execution started = startByName("client");
    assertThat(started.queue()).isEqualTo("new");
    assertThat(limit(started)).isEqualTo(LONG);
  }

  @ParameterizedTest
  @CsvSource({
    "a newer version, v2, v1, v1",
    "an edit, edited, v1, v1",
    "a rolling deploy, v2, v1+v2, v2",
    "nobody lives, v2, '', v2"
  })
  @DisplayName("of those that have been deployed, a live worker's")
  void asALiveWorkerHasIt(String what, String deployedLast, String live, String started) {
    Map<String, Workflow<String, String>> versions =
        Map.of(
            "v1", versioned(what, 1, "a"),
            "edited", versioned(what, 1, "b"),
            "v2", versioned(what, 2, "b"));
    deploy(versions.get("v1"));
    List<Durable> workers =
        Stream.of(live.split("\\+"))
            .filter(version -> !version.isEmpty())
            .map(version -> db.start(versions.get(version)))
            .toList();
    deploy(versions.get(deployedLast));
    Execution execution = startByName(what);
    workers.forEach(Durable::close);
    Workflow<String, String> expected = versions.get(started);
    assertThat(execution.version()).isEqualTo(expected.version());
    assertThat(execution.fingerprint()).isEqualTo(expected.fingerprint());
  }

  private static Workflow<String, String> versioned(String name, int version, String step) {
    return Workflow.define(name, String.class, with -> with.version(version))
        .step(step, text -> text)
        .build();
  }
}
