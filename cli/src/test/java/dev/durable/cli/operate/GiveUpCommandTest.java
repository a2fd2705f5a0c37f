package dev.durable.cli.operate;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.cli.Cli;
import dev.durable.cli.CommandTest;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionParkedException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.Workflow;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("give-up")
class GiveUpCommandTest extends CommandTest {

  private static final Workflow<String, String> SHIPPING =
      Workflow.define("shipping", String.class)
          .step(
              "ship",
              text -> {
                throw new IllegalStateException("no lorry");
              },
              with -> with.retry(RetryPolicy.none().thenPark()))
          .build();

  @Test
  @DisplayName("Fails a parked execution with the reason, and refuses another one")
  void givesUp() {
    try (Durable durable = Durable.on(dataSource).migrate(true).register(SHIPPING).startWorker()) {
      ExecutionHandle<String> handle = durable.start(SHIPPING, "x");
      assertThatThrownBy(() -> handle.result(ofSeconds(20)))
          .isInstanceOf(ExecutionParkedException.class);
      String id = handle.id().toString();
      Cli here = cli().with("DURABLE_URL", url);
      assertThat(here.run("give-up", id).exitCode()).isEqualTo(2);
      assertThat(here.run("give-up", id, "--reason", " ").exitCode()).isEqualTo(2);
      Cli.Result done = assertOk(here.run("give-up", id, "--reason", "the supplier is gone"));
      assertThat(done.out()).isEmpty();
      assertThat(done.err()).contains("Gave up execution " + handle.id() + ".");
      Execution given = durable.find(handle.id()).orElseThrow();
      assertThat(given.status()).isEqualTo(ExecutionStatus.FAILED);
      assertThat(given.error().message()).isEqualTo("the supplier is gone");
      Cli.Result again = here.run("give-up", id, "--reason", "once more");
      assertThat(again.exitCode()).isEqualTo(1);
      assertThat(again.err()).contains("Only parked executions");
    }
  }
}
