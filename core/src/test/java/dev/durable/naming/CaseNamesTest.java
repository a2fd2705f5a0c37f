package dev.durable.naming;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Cases;
import dev.durable.workflow.Decision;
import dev.durable.workflow.InvalidWorkflowException;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("F5.4")
@DisplayName("A case may be for any value")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class CaseNamesTest {

  private static final List<@Nullable Object> VALUES =
      Arrays.asList(
          "N/A",
          "text/plain",
          "",
          " ",
          "\t",
          "a~b",
          "a[0]",
          "50%",
          "%empty",
          "N%2FA",
          "a\nb",
          null,
          "null",
          "otherwise",
          "OTHERWISE",
          Size.SMALL,
          Size.small,
          "small",
          1,
          "1",
          1L,
          true,
          "#end",
          "🙂",
          "e\u0301",
          "\u00e9",
          "String:1");

  /** Two constants of one name in lower case. */
  @SuppressWarnings("java:S115")
  enum Size {
    SMALL,
    small
  }

  sealed interface Event permits Mail.Sent, Letter.Sent {}

  interface Mail {
    record Sent() implements Event {}
  }

  interface Letter {
    record Sent() implements Event {}
  }

  private final TestDatabase db;

  CaseNamesTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Proves("F5.4")
  @DisplayName("Each value runs its own case, with a rest in it")
  void anyValue() {
    Workflow<Integer, String> chooses =
        Workflow.define("chooses", Integer.class)
            .branch("by", String.class, VALUES::get, this::cases)
            .build();
    try (Durable durable = db.start(chooses)) {
      List<ExecutionHandle<String>> all = new ArrayList<>();
      for (int i = 0; i < VALUES.size(); i++) {
        all.add(durable.start(chooses, i));
      }
      for (int i = 0; i < VALUES.size(); i++) {
        assertThat(all.get(i).result(EVENTUALLY)).isEqualTo("case " + i);
      }
      assertThat(db.violations()).isEmpty();
    }
  }

  private Cases<Integer, Integer, Object, String> cases(
      Cases<Integer, Integer, Object, String> cases) {
    Cases<Integer, Integer, Object, String> all = cases;
    for (int i = 0; i < VALUES.size(); i++) {
      String result = "case " + i;
      all =
          all.when(
              VALUES.get(i),
              path ->
                  path.step(
                      "in",
                      String.class,
                      (Integer n, StepContext<Integer> step) -> {
                        step.sleep("rest", Duration.ofMillis(1));
                        return result;
                      }));
    }
    return all.otherwise(path -> path.step("none", String.class, n -> "none"));
  }

  @Test
  @Proves("F5.4")
  @DisplayName("Two sealed leaves of one simple name; the order of the cases names nothing")
  void leavesOfOneName() {
    Workflow<Boolean, String> one = leaves(true);
    Workflow<Boolean, String> other = leaves(false);
    assertThat(names(one))
        .containsExactlyInAnyOrderElementsOf(names(other))
        .doesNotHaveDuplicates();
    try (Durable durable = db.start(one)) {
      assertThat(durable.start(one, true).result(EVENTUALLY)).isEqualTo("mail");
      assertThat(durable.start(one, false).result(EVENTUALLY)).isEqualTo("letter");
    }
  }

  private static List<String> names(Workflow<?, ?> workflow) {
    return workflow.root().children().getFirst().children().stream().map(Node::name).toList();
  }

  private static Workflow<Boolean, String> leaves(boolean mailFirst) {
    return Workflow.define("sent", Boolean.class)
        .<Event, String>branch(
            "by",
            String.class,
            mail -> mail ? new Mail.Sent() : new Letter.Sent(),
            c -> {
              if (mailFirst) {
                letter(mail(c));
              } else {
                mail(letter(c));
              }
            })
        .build();
  }

  private static Cases<Boolean, Boolean, Event, String> mail(
      Cases<Boolean, Boolean, Event, String> cases) {
    return cases.when(Mail.Sent.class, p -> p.step("m", String.class, x -> "mail"));
  }

  private static Cases<Boolean, Boolean, Event, String> letter(
      Cases<Boolean, Boolean, Event, String> cases) {
    return cases.when(Letter.Sent.class, p -> p.step("l", String.class, x -> "letter"));
  }

  @Test
  @Proves("F5.4")
  @DisplayName("A decision goes into the case of such a value")
  void target() {
    Workflow<Integer, String> jumps =
        Workflow.define("jumps", Integer.class)
            .decide("check", List.of("by/N%2FA/in"), n -> Decision.goTo("by/N%2FA/in"))
            .branch(
                "by",
                String.class,
                n -> "x",
                c ->
                    c.when("N/A", p -> p.step("in", String.class, n -> "n/a"))
                        .otherwise(p -> p.step("in", String.class, n -> "none")))
            .build();
    try (Durable durable = db.start(jumps)) {
      assertThat(durable.start(jumps, 1).result(EVENTUALLY)).isEqualTo("n/a");
    }
  }

  @Test
  @Proves("F5.4")
  @DisplayName("Two cases of one value cannot be told apart")
  void twice() {
    assertThatThrownBy(
            () ->
                Workflow.define("twice", String.class)
                    .branch("by", s -> s, c -> c.when("N/A", p -> p).when("N/A", p -> p))
                    .build())
        .isInstanceOf(InvalidWorkflowException.class)
        .hasMessageContaining("N%2FA");
  }

  @Test
  @Proves("F5.4")
  @DisplayName("Plain values name their cases as they always did")
  void plain() {
    Workflow<String, String> plain =
        Workflow.define("plain", String.class)
            .branch(
                "by",
                s -> (Object) s,
                c ->
                    c.when(Size.SMALL, p -> p)
                        .when("express mail", p -> p)
                        .when(17, p -> p)
                        .when((Object) null, p -> p)
                        .when(Mail.Sent.class, p -> p)
                        .otherwise(p -> p))
            .build();
    assertThat(names(plain))
        .containsExactly("small", "express mail", "17", "null", "Sent", "otherwise");
  }
}
