package dev.durable.workflow;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.Proves;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkflowBuilderTest {

  @Nested
  class ADefinition {

    @Test
    @Proves("R-001")
    @DisplayName("It exposes its name, its steps and its settings")
    void exposesWhatWasDeclared() {
      Workflow<String, Integer> workflow =
          Workflow.define(
                  "count",
                  String.class,
                  with -> with.version(3).queue("numbers").timeout(ofSeconds(9)))
              .step("trim", text -> text.trim())
              .step("length", Integer.class, text -> text.length())
              .build();

      assertThat(workflow.name()).isEqualTo("count");
      assertThat(workflow.version()).isEqualTo(3);
      assertThat(workflow.queue()).isEqualTo("numbers");
      assertThat(workflow.timeout()).contains(ofSeconds(9));
      assertThat(workflow.input()).isEqualTo(TypeRef.of(String.class));
      assertThat(workflow.output()).isEqualTo(TypeRef.of(Integer.class));
      assertThat(workflow.root().children())
          .extracting(Node::name)
          .containsExactly("trim", "length");
      assertThat(workflow).hasToString("Workflow[count v3]");
    }

    @Test
    void hasDefaults() {
      Workflow<String, String> workflow =
          Workflow.define("w", String.class).step("s", text -> text).build();
      assertThat(workflow.version()).isEqualTo(1);
      assertThat(workflow.queue()).isEqualTo("default");
      assertThat(workflow.timeout()).isEmpty();
      Node.Step step = (Node.Step) workflow.root().children().get(0);
      assertThat(step.settings().retry().maxAttempts()).isEqualTo(1);
      assertThat(step.settings().timeout()).isNull();
      assertThat(step.settings().atMostOnce()).isFalse();
    }

    @Test
    @Proves("R-002")
    @DisplayName("It keeps a step's options")
    void keepsOptions() {
      Workflow<String, String> workflow =
          Workflow.define("w", String.class)
              .step(
                  "s",
                  text -> text,
                  with ->
                      with.retry(RetryPolicy.linear(ofSeconds(1)).maxAttempts(7))
                          .timeout(ofSeconds(3)))
              .build();
      Node.Step step = (Node.Step) workflow.root().children().get(0);
      assertThat(step.settings().retry().maxAttempts()).isEqualTo(7);
      assertThat(step.settings().timeout()).isEqualTo(ofSeconds(3));
    }

    @Test
    void cannotBeChanged() {
      Workflow<String, String> workflow =
          Workflow.define("w", String.class).step("s", text -> text).build();
      List<Node> steps = workflow.root().children();
      assertThatThrownBy(steps::clear).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void mayShareItsBeginningWithAnother() {
      WorkflowBuilder<String, String> shared =
          Workflow.define("w", String.class).step("first", text -> text);
      Workflow<String, String> one = shared.step("one", text -> text).build();
      Workflow<String, Integer> two = shared.step("two", Integer.class, text -> 2).build();
      assertThat(one.root().children()).extracting(Node::name).containsExactly("first", "one");
      assertThat(two.root().children()).extracting(Node::name).containsExactly("first", "two");
    }

    @Test
    @Proves("B-14")
    @DisplayName("Two workflows with steps of the same name have their own bodies")
    void neverSharesBodies() throws Exception {
      Workflow<String, String> one =
          Workflow.define("one", String.class).step("same", text -> "one").build();
      Workflow<String, String> two =
          Workflow.define("two", String.class).step("same", text -> "two").build();
      assertThat(((Node.Step) one.root().children().get(0)).body())
          .isNotSameAs(((Node.Step) two.root().children().get(0)).body());
    }
  }

  @Nested
  class AMistake {

    @Test
    void allAreListedAtOnce() {
      WorkflowBuilder<String, String> wrong =
          Workflow.define(" ", String.class, with -> with.queue(""))
              .step("same", text -> text)
              .step("same", text -> text)
              .step("a/b", text -> text)
              .step(
                  "once",
                  text -> text,
                  with -> with.atMostOnce().retry(RetryPolicy.constant(ofSeconds(1))));
      assertThatThrownBy(wrong::build)
          .isInstanceOf(InvalidWorkflowException.class)
          .hasMessageContaining("workflow's name is blank")
          .hasMessageContaining("queue's name is blank")
          .hasMessageContaining("Two steps are called 'same'")
          .hasMessageContaining("'a/b'")
          .hasMessageContaining("'once' is atMostOnce and has retries");
    }

    @Test
    void isAWorkflowWithoutSteps() {
      assertThatThrownBy(() -> Workflow.define("empty", String.class).build())
          .isInstanceOf(InvalidWorkflowException.class)
          .hasMessageContaining("'empty'")
          .hasMessageContaining("add one with .step(...)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a/b", "a[1]", "tab\there", "nul\0", "new\nline"})
    void isAStepNameThatCannotBeAPath(String name) {
      WorkflowBuilder<String, String> wrong = Workflow.define("w", String.class).step(name, t -> t);
      assertThatThrownBy(wrong::build).isInstanceOf(InvalidWorkflowException.class);
    }

    @Test
    void isANameThatIsTooLong() {
      assertThat(
              Workflow.define("w".repeat(200), String.class)
                  .step("s".repeat(200), text -> text)
                  .build()
                  .name())
          .hasSize(200);
      assertThatThrownBy(
              () -> Workflow.define("w".repeat(201), String.class).step("s", t -> t).build())
          .hasMessageContaining("longer than 200");
      assertThatThrownBy(
              () -> Workflow.define("w", String.class).step("s".repeat(201), t -> t).build())
          .hasMessageContaining("longer than 200");
    }

    @Test
    void isARunawayNumber() {
      WorkflowBuilder<String, String> builder = Workflow.define("w", String.class);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Workflow.define("w", String.class, with -> with.version(0)));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> Workflow.define("w", String.class, with -> with.timeout(Duration.ZERO)));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> Workflow.define("w", String.class, with -> with.timeout(ofSeconds(-1))));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.step("s", text -> text, with -> with.timeout(Duration.ZERO)));
    }
  }

  @Nested
  class TheFingerprint {

    private final Workflow<String, Integer> original =
        Workflow.define("w", String.class)
            .step("a", text -> text)
            .step("b", Integer.class, text -> 1)
            .build();

    @Test
    void isTheSameInEveryJvm() {
      // Computed once and written down: executions carry it in their rows.
      assertThat(original.fingerprint()).isEqualTo("5eb6d6eebe34da35ad1d16ebd8684df4");
    }

    @Test
    void ignoresOptionsBodiesAndTheVersion() {
      assertThat(
              Workflow.define(
                      "w",
                      String.class,
                      with -> with.version(5).queue("other").timeout(ofSeconds(1)))
                  .step("a", text -> text + "!", with -> with.timeout(ofSeconds(1)))
                  .step("b", Integer.class, (text, step) -> 2)
                  .build()
                  .fingerprint())
          .isEqualTo(original.fingerprint());
    }

    private static Workflow<String, Integer> undone(String handler) {
      return Workflow.define("w", String.class)
          .step("a", text -> text, with -> with.compensate(handler, text -> {}))
          .step("b", Integer.class, text -> 1)
          .build();
    }

    @Test
    void changesWithNameKindTypeOrderAndCompensation() {
      assertThat(
              List.of(
                  original.fingerprint(),
                  Workflow.define("w", String.class)
                      .step("A", text -> text)
                      .step("b", Integer.class, text -> 1)
                      .build()
                      .fingerprint(),
                  Workflow.define("w", String.class)
                      .transaction("a", (text, tx) -> text)
                      .step("b", Integer.class, text -> 1)
                      .build()
                      .fingerprint(),
                  Workflow.define("w", String.class)
                      .step("a", text -> text)
                      .step("b", Long.class, text -> 1L)
                      .build()
                      .fingerprint(),
                  Workflow.define("w", String.class)
                      .step("b", Integer.class, text -> 1)
                      .step("a", String.class, number -> "")
                      .build()
                      .fingerprint(),
                  Workflow.define("w", String.class).step("a", text -> text).build().fingerprint(),
                  undone("undo").fingerprint(),
                  undone("redo").fingerprint()))
          .doesNotHaveDuplicates();
    }
  }
}
