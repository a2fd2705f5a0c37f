package dev.durable.acceptance;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.StartOptions;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.wait.SendOptions;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and keys that PostgreSQL cannot store as they are. */
@ExtendWith(DatabaseExtension.class)
@Proves("F5.2")
@DisplayName("Text that could not be found again is refused where it is given")
class TextTest {

  private final TestDatabase db;

  TextTest(TestDatabase db) {
    this.db = db;
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\ud83d", "\udc31b", "x\ud83d\ud83dy", "nul\0"})
  void inKeysAndNames(String text) {
    refused(() -> StartOptions.of(o -> o.key(text)));
    refused(() -> StartOptions.of(o -> o.tag(text, "v")));
    refused(() -> StartOptions.of(o -> o.tag("k", text)));
    refused(() -> SendOptions.of(o -> o.idempotencyKey(text)));
    refused(() -> Event.of(text, String.class));
    refused(() -> Workflow.define(text, String.class).step("s", t -> t).build());
    refused(() -> Workflow.define("w", String.class).step(text, t -> t).build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\ud83d", "nul\0"})
  void inEffectsOfABody(String text) {
    Workflow<String, String> flow =
        Workflow.define("flow", String.class)
            .step("s", (in, step) -> step.run(text, String.class, () -> "x"))
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThatThrownBy(() -> handle.result(Duration.ofSeconds(30)))
          .hasMessageContaining("uses a name with a NUL character or half a surrogate pair");
    }
  }

  private static void refused(ThrowingCallable given) {
    assertThatThrownBy(given).hasMessageContaining("half");
  }
}
