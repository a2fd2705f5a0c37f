package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.history;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Branch")
class BranchTest {

  private final TestDatabase db;
  private final Notes ran = new Notes();

  BranchTest(TestDatabase db) {
    this.db = db;
  }

  enum Kind {
    PHYSICAL,
    DIGITAL
  }

  record Order(Kind kind, int amount) {}

  sealed interface Payment permits Card, Cash {}

  record Card(String number) implements Payment {}

  record Cash(int amount) implements Payment {}

  private final Workflow<Order, String> fulfil =
      Workflow.define("fulfil", Order.class)
          .branch(
              "fulfil",
              String.class,
              Order::kind,
              cases ->
                  cases
                      .when(
                          Kind.PHYSICAL,
                          path ->
                              path.step("pack", o -> ran.note("pack", o))
                                  .step("ship", String.class, o -> ran.note("ship", "shipped")))
                      .when(
                          Kind.DIGITAL,
                          path -> path.step("send", String.class, o -> ran.note("send", "sent"))))
          .step("after", text -> ran.note("after", text + "!"))
          .build();

  @Test
  @Proves({"R-014", "R-015", "R-018", "R-019"})
  @DisplayName("Only the matching case runs, in order, and the workflow continues")
  void onlyTheMatchingCaseRuns() {
    assertThat(db.run(fulfil, new Order(Kind.PHYSICAL, 1))).isEqualTo("shipped!");
    assertThat(ran).containsExactly("pack", "ship", "after");
    ran.clear();
    assertThat(db.run(fulfil, new Order(Kind.DIGITAL, 1))).isEqualTo("sent!");
    assertThat(ran).containsExactly("send", "after");
  }

  @Test
  @Proves({"R-011", "R-012", "R-130"})
  @DisplayName("The choice is a row of its own; other cases leave none")
  void theChoiceIsCommitted() {
    try (Durable durable = db.start(fulfil)) {
      ExecutionHandle<String> handle = durable.start(fulfil, new Order(Kind.DIGITAL, 1));
      handle.result(SOON);
      assertThat(history(durable, handle.id()))
          .containsExactly(
              "branch fulfil completed",
              "step fulfil/digital/send completed",
              "step after completed");
      assertThat(durable.steps(handle.id()).get(0).output()).contains("\"digital\"");
    }
  }

  @Test
  @Proves({"R-016", "R-022", "R-023", "R-028"})
  @DisplayName("Texts, null and otherwise")
  void textsAndNull() {
    Workflow<List<String>, String> route =
        Workflow.define("route", new dev.durable.json.TypeRef<List<String>>() {})
            .branch(
                "by",
                String.class,
                list -> list.isEmpty() ? null : list.get(0),
                cases ->
                    cases
                        .when((String) null, path -> path.step("none", String.class, l -> "none"))
                        .when("a", path -> path.step("a", String.class, l -> "is a"))
                        .otherwise(path -> path.step("else", String.class, l -> "else")))
            .build();
    assertThat(db.run(route, List.of())).isEqualTo("none");
    assertThat(db.run(route, List.of("a"))).isEqualTo("is a");
    assertThat(db.run(route, List.of("z"))).isEqualTo("else");
  }

  @Test
  @Proves({"R-017", "R-024", "R-025", "R-026", "R-027"})
  @DisplayName("Numbers and flags; a value without a case is skipped")
  void numbersFlagsAndNothing() {
    Workflow<Integer, Integer> route =
        Workflow.define("numbers", Integer.class)
            .branch("by", n -> n, c -> c.when(1, path -> path.step("one", n -> 100)))
            .branch(
                "big",
                n -> n > 50,
                c ->
                    c.when(true, path -> path.step("yes", n -> n + 1))
                        .when(false, path -> path.step("no", n -> n - 1)))
            .build();
    assertThat(db.run(route, 1)).isEqualTo(101);
    assertThat(db.run(route, 2)).isEqualTo(1);
  }

  @Test
  @DisplayName("Sealed types: a case for each class")
  void sealedTypes() {
    Workflow<String, String> pay =
        Workflow.define("pay", String.class)
            .branch(
                "by",
                (String text) -> (Payment) (text.equals("card") ? new Card("1") : new Cash(1)),
                cases ->
                    cases
                        .when(Card.class, path -> path.step("charge", t -> "charged"))
                        .when(Cash.class, path -> path.step("count", t -> "counted")))
            .build();
    assertThat(db.run(pay, "card")).isEqualTo("charged");
    assertThat(db.run(pay, "cash")).isEqualTo("counted");
  }

  @Test
  @Proves("R-029")
  @DisplayName("An exception in the selector fails the execution")
  void anExceptionInTheSelectorFails() {
    Workflow<Integer, Integer> broken =
        Workflow.define("broken", Integer.class)
            .<Integer>branch(
                "by",
                n -> {
                  throw new IllegalStateException("no idea");
                },
                c -> c.otherwise(path -> path))
            .build();
    assertThatThrownBy(() -> db.run(broken, 1))
        .isInstanceOf(ExecutionFailedException.class)
        .hasMessageContaining("no idea");
  }
}
