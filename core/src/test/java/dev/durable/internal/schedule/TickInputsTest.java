package dev.durable.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.internal.codec.Payloads;
import dev.durable.internal.engine.Definitions;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.schedule.DueSchedule;
import dev.durable.internal.store.schedule.Served;
import dev.durable.json.JsonCodec;
import dev.durable.schedule.MisfirePolicy;
import dev.durable.schedule.OverlapPolicy;
import dev.durable.schedule.Schedule;
import dev.durable.testing.Gate;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("newest")
@DisplayName("The inputs of ticks that code makes")
class TickInputsTest {

  private static final Workflow<String, String> W =
      Workflow.define("w", String.class).step("s", text -> text).build();
  private static final List<Instant> TICK = List.of(Instant.parse("2026-03-01T00:00:00Z"));

  private static final Duration HOUR = Duration.ofHours(1);

  private final CountDownLatch made = new CountDownLatch(1);
  private final AtomicInteger calls = new AtomicInteger();
  private final Gate gate = new Gate();
  private final AtomicBoolean broken = new AtomicBoolean();

  private TickInputs inputs(Duration patience) {
    return inputs(patience, gate);
  }

  /** The first call stands at the first gate, and any other at the second. */
  private TickInputs inputs(Duration patience, Gate second) {
    DeclaredSchedules declared = new DeclaredSchedules();
    declared.add(
        List.of(
            Schedule.every(
                "slow",
                W,
                HOUR,
                with ->
                    with.input(
                        tick -> {
                          (calls.incrementAndGet() == 1 ? gate : second).passUninterrupted();
                          if (broken.get()) {
                            throw new StackOverflowError("too deep");
                          }
                          return tick.toString();
                        }))));
    return new TickInputs(
        declared,
        new Payloads(JsonCodec.jackson(), Long.MAX_VALUE, Long.MAX_VALUE),
        patience,
        made::countDown);
  }

  @Test
  @DisplayName("are missing until the function has returned; meanwhile their schedule is left out")
  void missing() throws Exception {
    TickInputs inputs = inputs(HOUR);
    assertThat(inputs.of("slow", "slow", TICK)).isEmpty();
    gate.awaitReached();
    assertThat(inputs.busy()).containsExactly("slow");
    assertThat(inputs.making()).containsExactly("slow");
    assertThat(inputs.untilTold().get("slow")).isBetween(Duration.ZERO, HOUR);
    assertThat(inputs.of("slow", "slow", TICK)).isEmpty();
    gate.open();
    made.await();
    assertThat(inputs.of("slow", "slow", TICK)).hasSize(1);
    assertThat(inputs.busy()).isEmpty();
    assertThat(inputs.making()).isEmpty();
    assertThat(calls).hasValue(1);
  }

  @Test
  @DisplayName("are told as slow whenever the function has not returned for so long, for each use")
  void slow() throws Exception {
    TickInputs inputs = inputs(Duration.ZERO);
    assertThat(inputs.of("slow", "slow", TICK)).isEmpty();
    gate.awaitReached();
    for (String use : List.of("slow", "slow", "backfill")) {
      assertThat(inputs.busy()).isEmpty();
      assertThatThrownBy(() -> inputs.of(use, "slow", TICK))
          .isInstanceOf(SlowInputException.class)
          .hasMessageStartingWith(
              "The function that makes its input for 2026-03-01T00:00:00Z has been running for ");
    }
    gate.open();
    made.await();
    assertThat(inputs.of("slow", "slow", TICK)).hasSize(1);
    assertThat(calls).hasValue(1);
  }

  @Test
  @DisplayName("are told as slow again after as long, and the function for each tick by itself")
  void slowAgain() {
    Duration patience = Duration.ofMillis(50);
    Gate second = new Gate();
    TickInputs inputs = inputs(patience, second);
    List<Instant> ticks = List.of(TICK.getFirst(), TICK.getFirst().plus(HOUR));
    long begun = System.nanoTime();
    assertThat(inputs.of("slow", "slow", ticks)).isEmpty();
    gate.awaitReached();
    Instant first = toldAsSlow(inputs, ticks);
    assertThat(toldAsSlow(inputs, ticks)).isEqualTo(first);
    assertThat(since(begun)).isGreaterThanOrEqualTo(patience.multipliedBy(2));
    Gate.until(() -> inputs.busy().isEmpty());
    begun = System.nanoTime();
    gate.open();
    second.awaitReached();
    assertThat(toldAsSlow(inputs, ticks)).isNotEqualTo(first);
    assertThat(since(begun)).isGreaterThanOrEqualTo(patience);
    second.open();
  }

  private static Duration since(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  /** The tick whose input is told as slow. */
  private static Instant toldAsSlow(TickInputs inputs, List<Instant> ticks) {
    AtomicReference<String> told = new AtomicReference<>();
    Gate.until(
        () -> {
          try {
            return !inputs.of("slow", "slow", ticks).isEmpty();
          } catch (SlowInputException slow) {
            told.set(slow.getMessage());
            return true;
          }
        });
    return Instant.parse(told.get().replaceFirst(".* input for (\\S+) has .*", "$1"));
  }

  @Test
  @DisplayName("let their schedule fail while they are slow, and start it once they are made")
  void slowSchedule() throws Exception {
    TickInputs inputs = inputs(Duration.ZERO);
    TickPlanner planner = new TickPlanner(new Definitions(List.of(W)), inputs);
    assertThat(planner.apply(due())).isNull();
    assertThat(planner.waiting()).containsExactly("slow");
    gate.awaitReached();
    Served slow = planner.apply(due());
    assertThat(slow.failures()).isEqualTo(1);
    assertThat(slow.error().message()).contains("has been running for");
    assertThat(slow.next()).isEqualTo(TICK.getFirst());
    assertThat(slow.dueAt()).isEqualTo(TICK.getFirst());
    gate.open();
    made.await();
    Served started = planner.apply(due());
    assertThat(started.starts()).hasSize(1);
    assertThat(started.failures()).isZero();
    planner.begin();
    assertThat(planner.apply(due())).as("not committed").isNotNull();
    planner.committed();
    assertThat(planner.apply(due())).as("made anew").isNull();
    Gate.until(() -> planner.apply(due()) != null);
    assertThat(calls).hasValue(2);
  }

  @Test
  @DisplayName("are made anew after a failure, whether that could be noted or not")
  void failed() {
    gate.open();
    TickInputs inputs = inputs(HOUR);
    TickPlanner planner = new TickPlanner(new Definitions(List.of(W)), inputs);
    broken.set(true);
    Gate.until(() -> planner.apply(due()) != null);
    assertThat(calls).hasValue(1);
    broken.set(false);
    planner.begin();
    assertThat(planner.apply(due())).as("made anew").isNull();
    Gate.until(() -> planner.apply(due()) != null);
    assertThat(calls).hasValue(2);
  }

  @Test
  @DisplayName("start as many ticks as they have been made for, the oldest first")
  void theFirst() {
    gate.open();
    Instant now = Instant.parse("2026-03-01T05:30:00Z");
    Schedule<String> schedule =
        Schedule.every(
            "slow",
            W,
            HOUR,
            with ->
                with.from(TICK.getFirst())
                    .overlap(OverlapPolicy.ALLOW)
                    .misfire(MisfirePolicy.runAll(10, Duration.ofDays(1))));
    TickPlan.State state =
        new TickPlan.State("slow", schedule.settings(), TICK.getFirst().plus(HOUR), TICK, 0, false);
    TickPlan all = TickPlan.of(state, now);
    assertThat(all.starts()).hasSize(6);
    TickPlan none = all.first(0, TICK);
    assertThat(none.queued()).isEqualTo(TICK);
    assertThat(none.next()).isEqualTo(TICK.getFirst().plus(HOUR));
    TickPlan two = all.first(2, TICK);
    assertThat(two.starts()).isEqualTo(all.starts().subList(0, 2));
    assertThat(two.queued()).isEmpty();
    assertThat(two.next()).isEqualTo(TICK.getFirst().plus(HOUR.multipliedBy(2)));
    assertThat(all.first(6, TICK)).isEqualTo(all);
  }

  @Test
  @DisplayName("or a workflow that nobody runs now are left to others for a while, not for ever")
  void leftToOthers() {
    TickInputs inputs = inputs(HOUR);
    TickPlanner planner = new TickPlanner(new Definitions(List.of()), inputs);
    // However often it is looked at, as for a backfill beside its ticks.
    for (int seconds : List.of(0, 1, 2, 10, 19)) {
      assertThat(planner.apply(after(seconds, false))).isNull();
      assertThat(inputs.busy()).containsExactly("slow");
    }
    assertThat(planner.apply(after(20, false)).starts()).hasSize(1);
    assertThat(planner.apply(after(21, true)).starts()).hasSize(1);
    assertThat(planner.apply(after(22, false))).as("once more").isNull();
  }

  private static DueSchedule after(int seconds, boolean live) {
    return due("\"x\"", definition(live), TICK.getFirst().plusSeconds(seconds));
  }

  private static DueSchedule.Latest definition(boolean live) {
    return new DueSchedule.Latest(new StartRow.Definition("w", 2, "f"), "default", null, live);
  }

  private static DueSchedule due() {
    return due(null, null, TICK.getFirst());
  }

  private static DueSchedule due(
      @Nullable String input, DueSchedule.@Nullable Latest definition, Instant now) {
    Instant tick = TICK.getFirst();
    Schedule<String> schedule = Schedule.every("slow", W, HOUR, with -> with.from(tick));
    return new DueSchedule(
        UUID.randomUUID(),
        "slow",
        "w",
        schedule::settings,
        input,
        tick,
        List.of(),
        0,
        0,
        false,
        false,
        definition,
        now);
  }

  @Test
  @DisplayName("are made anew once they are forgotten, and are no others' meanwhile")
  void forgotten() throws Exception {
    gate.open();
    TickInputs inputs = inputs(HOUR);
    assertThat(inputs.of("slow", "slow", TICK)).isEmpty();
    made.await();
    List<TickInputs.Made> kept = inputs.of("slow", "slow", TICK);
    assertThat(kept).isEqualTo(inputs.of("slow", "slow", TICK));
    inputs.forget("slow");
    assertThat(inputs.of("slow", "slow", TICK)).isEmpty();
    Gate.until(() -> inputs.busy().isEmpty());
    assertThat(calls).hasValue(2);
  }

  @Test
  @DisplayName("are made for the ticks that lack one, and kept for those that are asked for")
  void someMore() {
    gate.open();
    TickInputs inputs = inputs(HOUR);
    Instant tick = TICK.getFirst();
    for (List<Instant> ticks : List.of(TICK, List.of(tick, tick.plus(HOUR)), List.of(tick))) {
      List<String> all = ticks.stream().map(each -> "\"" + each + "\"").toList();
      Gate.until(() -> inputs.of("slow", "slow", ticks).size() == ticks.size());
      assertThat(inputs.of("slow", "slow", ticks))
          .extracting(TickInputs.Made::json)
          .containsExactlyElementsOf(all);
    }
    assertThat(calls).hasValue(2);
  }
}
