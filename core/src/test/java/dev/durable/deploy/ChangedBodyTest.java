package dev.durable.deploy;

import static dev.durable.testing.DurableFixture.status;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("F6.3")
@DisplayName("A body that uses a name for something else continues or is parked")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class ChangedBodyTest {

  private static final Event<String> A = Event.of("a", String.class);
  private static final Event<String> B = Event.of("b", String.class);
  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final Workflow<Boolean, String> one = child("one");
  private final Workflow<Boolean, String> two = child("two");
  private final Map<UUID, Integer> entries = new ConcurrentHashMap<>();
  private final Map<UUID, Integer> effects = new ConcurrentHashMap<>();
  private volatile boolean changed;

  ChangedBodyTest(TestDatabase db) {
    this.db = db;
  }

  /** A body's use of a name. */
  enum Use {
    EFFECT,
    ON_COMPENSATE,
    SLEEP,
    SLEEP_UNTIL,
    EVENT_A,
    EVENT_B,
    ANY,
    ALL,
    APPROVAL,
    TEXT,
    CALL_ONE,
    CALL_TWO,
    START_ONE,
    START_TWO;

    static final Set<Use> TIMES = EnumSet.of(SLEEP, SLEEP_UNTIL);
    static final Set<Use> EVENTS = EnumSet.of(EVENT_A, EVENT_B, ANY, ALL);
    static final Set<Use> AT_ONCE = EnumSet.of(EFFECT, ON_COMPENSATE, START_ONE, START_TWO);
  }

  /**
   * @param open whether what stands under the name is not decided yet
   */
  record Case(Use then, Use now, boolean open) {

    boolean goesOn() {
      if (then == now || (Use.TIMES.contains(then) && Use.TIMES.contains(now))) {
        return true;
      }
      if (!Use.EVENTS.contains(then) || !Use.EVENTS.contains(now)) {
        return false;
      }
      return open
          || switch (then) {
            // A wait for any has got the first, which is a.
            case EVENT_A, ANY -> now == Use.EVENT_A || now == Use.ANY;
            case EVENT_B, ALL -> now == Use.ANY;
            default -> false;
          };
    }
  }

  private static Workflow<Boolean, String> child(String name) {
    return Workflow.define(name, Boolean.class)
        .step(
            "end",
            String.class,
            (Boolean open, StepContext<Boolean> step) -> {
              if (open) {
                step.await("go", GO);
              }
              return name;
            })
        .build();
  }

  private final Workflow<String, String> uses =
      Workflow.define("uses", String.class)
          .step(
              "use",
              (String data, StepContext<String> step) -> {
                entries.merge(step.execution().id(), 1, Integer::sum);
                String[] words = data.split(" ", -1);
                boolean open = Boolean.parseBoolean(words[2]);
                use(Use.valueOf(words[changed ? 1 : 0]), open, step);
                step.await("gate", GO);
                return data;
              })
          .build();

  private void use(Use use, boolean open, StepContext<String> step) throws Exception {
    Duration time = open ? Duration.ofHours(1) : Duration.ofMillis(1);
    switch (use) {
      case EFFECT ->
          step.run(
              "x", String.class, () -> "" + effects.merge(step.execution().id(), 1, Integer::sum));
      case ON_COMPENSATE -> step.onCompensate("x", undo -> {});
      case SLEEP -> step.sleep("x", time);
      case SLEEP_UNTIL -> step.sleepUntil("x", Instant.now().plus(time));
      case EVENT_A -> step.await("x", A);
      case EVENT_B -> step.await("x", B);
      case ANY -> step.awaitAny("x", any -> any.on(A, a -> a).on(B, b -> b));
      case ALL -> step.awaitAll("x", A, B);
      case APPROVAL -> step.ask("x", Question.approval("?"));
      case TEXT -> step.ask("x", Question.text("?"));
      case CALL_ONE -> step.call("x", one, open, with -> {});
      case CALL_TWO -> step.call("x", two, open, with -> {});
      case START_ONE -> step.start("x", one, open, with -> {});
      case START_TWO -> step.start("x", two, open, with -> {});
    }
  }

  private static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    for (Use then : Use.values()) {
      for (Use now : Use.values()) {
        all.add(new Case(then, now, false));
        if (!Use.AT_ONCE.contains(then)) {
          all.add(new Case(then, now, true));
        }
      }
    }
    return all;
  }

  private Durable start() {
    return db.start(uses, one, two);
  }

  @Test
  @Proves("F6.3")
  @DisplayName(
      "For every two uses of a name, committed or open, the execution continues or is parked")
  void everyUse() {
    Map<Case, UUID> ids = new ConcurrentHashMap<>();
    try (Durable durable = start()) {
      for (Case each : cases()) {
        ids.put(each, durable.start(uses, each.then + " " + each.now + " " + each.open).id());
      }
      ids.forEach((one, id) -> bringToRest(durable, one, id));
    }
    changed = true;
    entries.clear();
    try (Durable durable = start()) {
      db.wakeAll();
      ids.forEach((one, id) -> Gate.until(() -> entries.getOrDefault(id, 0) > 0));
      SoftAssertions.assertSoftly(
          softly -> ids.forEach((one, id) -> verdict(softly, durable, one, id)));
      // None of them is looked at again by itself.
      Map<UUID, Integer> before = Map.copyOf(entries);
      UUID later = durable.start(uses, "SLEEP SLEEP false").id();
      untilWaiting(durable, later);
      ids.forEach(
          (one, id) -> assertThat(entries.get(id)).as("%s", one).isLessThan(before.get(id) + 3));
    }
    changed = false;
    try (Durable durable = start()) {
      for (Map.Entry<Case, UUID> each : ids.entrySet()) {
        if (!each.getKey().goesOn()) {
          durable.retry(each.getValue());
        }
      }
      ids.forEach(
          (one, id) -> {
            if (!one.goesOn() && !one.open) {
              durable.send(id, GO, "go");
              untilStatus(durable, id, ExecutionStatus.COMPLETED);
            }
          });
      ids.forEach(
          (one, id) -> {
            if (one.then != Use.EFFECT) {
              assertThat(effects.get(id)).as("%s", one).isNull();
            } else {
              assertThat(effects.get(id)).as("%s", one).isEqualTo(1);
            }
          });
      assertThat(db.violations()).isEmpty();
    }
  }

  private void bringToRest(Durable durable, Case one, UUID id) {
    if (!one.open) {
      switch (one.then) {
        case EVENT_A, ANY -> durable.send(id, A, "a");
        case EVENT_B -> durable.send(id, B, "b");
        case ALL -> {
          durable.send(id, A, "a");
          durable.send(id, B, "b");
        }
        case APPROVAL, TEXT -> {
          Gate.until(() -> !open(id).isEmpty());
          Object answer = one.then == Use.TEXT ? "yes" : new Approval(true, null, null);
          durable.questions().answer(id, "x", answer, "me");
        }
        default -> {}
      }
    }
    String path = one.open ? "use/x" : "use/gate";
    Gate.until(
        () ->
            status(durable, id) == ExecutionStatus.WAITING
                && db.number(
                        "select count(*) from durable.step_executions"
                            + " where workflow_id = ? and path = ? and status = 'waiting'",
                        id,
                        path)
                    == 1);
  }

  private List<String> open(UUID id) {
    return db.rows(
        "select id from durable.pending_inputs where workflow_id = ? and status = 'pending'", id);
  }

  private void verdict(SoftAssertions softly, Durable durable, Case one, UUID id) {
    Set<ExecutionStatus> rests =
        Set.of(ExecutionStatus.WAITING, ExecutionStatus.PARKED, ExecutionStatus.FAILED);
    try {
      Gate.until(() -> rests.contains(status(durable, id)));
    } catch (AssertionError spins) {
      softly.fail("%s does not come to rest: %s", one, status(durable, id));
      return;
    }
    Execution execution = durable.find(id).orElseThrow();
    ErrorInfo error = execution.error();
    softly
        .assertThat(execution.status())
        .as("%s %s", one, error)
        .isEqualTo(one.goesOn() ? ExecutionStatus.WAITING : ExecutionStatus.PARKED);
    if (!one.goesOn() && error != null) {
      softly.assertThat(error.type()).as("%s", one).isEqualTo(ErrorInfo.DEFINITION_CHANGED);
      softly.assertThat(error.step()).isEqualTo("use");
      softly.assertThat(error.message()).contains("'use/x' as ").contains("then retry");
    }
  }
}
