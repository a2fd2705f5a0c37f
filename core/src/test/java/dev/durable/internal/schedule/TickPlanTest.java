package dev.durable.internal.schedule;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.schedule.MisfirePolicy;
import dev.durable.schedule.OverlapPolicy;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.ScheduleOptions;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.testing.Proves;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("newest")
@DisplayName("Which ticks start an execution")
class TickPlanTest {

  private static final Workflow<String, String> W =
      Workflow.define("w", String.class).step("s", text -> text).build();

  private static final Instant FIRST = Instant.parse("2026-03-01T00:00:00Z");

  /** A schedule that ticks every hour, from {@link #FIRST} on. */
  private static ScheduleSettings hourly(Consumer<? super ScheduleOptions<String>> with) {
    return every(ofHours(1), with);
  }

  private static ScheduleSettings every(
      Duration period, Consumer<? super ScheduleOptions<String>> with) {
    return Schedule.<String>every(
            "s",
            W,
            period,
            options -> {
              options.from(FIRST);
              with.accept(options);
            })
        .settings();
  }

  private static TickPlan.State state(
      ScheduleSettings settings, @Nullable Instant next, boolean running, Instant... queued) {
    return new TickPlan.State("s", settings, next, List.of(queued), 0, running);
  }

  private static Instant hour(long number) {
    return FIRST.plus(ofHours(number));
  }

  private static Instant[] hours(int from, int until) {
    return IntStream.range(from, until).mapToObj(TickPlanTest::hour).toArray(Instant[]::new);
  }

  @Test
  @DisplayName("A tick on time starts one, and the next one is after it")
  void onTime() {
    TickPlan plan = TickPlan.of(state(hourly(w -> {}), hour(0), false), hour(0).plusSeconds(59));
    assertThat(plan.starts()).containsExactly(hour(0));
    assertThat(plan.next()).isEqualTo(hour(1));
    assertThat(plan.missed() + plan.overlapped()).isZero();
  }

  @Test
  @Proves("B-64")
  @DisplayName("Missed ticks: none, the latest, or so many of a window, and all others are counted")
  void missed() {
    Instant now = hour(9).plus(ofMinutes(30));
    TickPlan none =
        TickPlan.of(state(hourly(w -> w.misfire(MisfirePolicy.SKIP)), hour(0), false), now);
    assertThat(none.starts()).isEmpty();
    assertThat(none.missed()).isEqualTo(10);
    TickPlan latest = TickPlan.of(state(hourly(w -> {}), hour(0), false), now);
    assertThat(latest.starts()).containsExactly(hour(9));
    assertThat(latest.missed()).isEqualTo(9);
    TickPlan some =
        TickPlan.of(
            state(
                hourly(
                    w ->
                        w.misfire(MisfirePolicy.runAll(100, ofHours(4)))
                            .overlap(OverlapPolicy.ALLOW)),
                hour(0),
                false),
            now);
    assertThat(some.starts()).containsExactly(hours(6, 10));
    assertThat(some.missed()).isEqualTo(6);
    TickPlan few =
        TickPlan.of(
            state(
                hourly(
                    w ->
                        w.misfire(MisfirePolicy.runAll(2, ofDays(9))).overlap(OverlapPolicy.ALLOW)),
                hour(0),
                false),
            now);
    assertThat(few.starts()).containsExactly(hours(8, 10));
    assertThat(few.missed()).isEqualTo(8);
  }

  @Test
  @DisplayName(
      "A tick is on time within a minute, and may start late within the window of misfires")
  void lastMoments() {
    ScheduleSettings settings =
        hourly(w -> w.misfire(MisfirePolicy.runAll(9, ofHours(4))).overlap(OverlapPolicy.ALLOW));
    for (Duration moment : List.of(MisfirePolicy.GRACE, ofHours(4))) {
      Instant last = hour(0).plus(moment);
      boolean onTime = moment.equals(MisfirePolicy.GRACE);
      ScheduleSettings chosen = onTime ? hourly(w -> w.misfire(MisfirePolicy.SKIP)) : settings;
      assertThat(TickPlan.of(state(chosen, hour(0), false), last).starts()).contains(hour(0));
      assertThat(TickPlan.of(state(chosen, hour(0), false), last.plusNanos(1_000)).starts())
          .doesNotContain(hour(0));
    }
  }

  @Test
  @DisplayName("With a tick on time, the latest of all is that one: no missed one starts beside it")
  void latestIsOnTime() {
    TickPlan plan = TickPlan.of(state(hourly(w -> {}), hour(0), false), hour(5).plusSeconds(10));
    assertThat(plan.starts()).containsExactly(hour(5));
    assertThat(plan.missed()).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource(OverlapPolicy.class)
  @Proves("B-64")
  @DisplayName("A tick while an execution runs is skipped, starts beside it, waits, or ends it")
  void overlaps(OverlapPolicy policy) {
    ScheduleSettings settings = hourly(w -> w.overlap(policy));
    TickPlan plan = TickPlan.of(state(settings, hour(1), true), hour(1));
    boolean starts = policy == OverlapPolicy.ALLOW || policy == OverlapPolicy.CANCEL_RUNNING;
    boolean waits = policy == OverlapPolicy.QUEUE_ONE || policy == OverlapPolicy.QUEUE_ALL;
    assertThat(plan.starts()).hasSize(starts ? 1 : 0);
    assertThat(plan.queued()).hasSize(waits ? 1 : 0);
    assertThat(plan.cancels()).isEqualTo(policy == OverlapPolicy.CANCEL_RUNNING);
    assertThat(plan.overlapped()).isEqualTo(policy == OverlapPolicy.SKIP ? 1 : 0);
    TickPlan further = TickPlan.of(state(settings, hour(2), true, hour(1)), hour(2));
    assertThat(further.queued())
        .containsExactly(
            switch (policy) {
              case QUEUE_ONE -> hours(1, 2);
              case QUEUE_ALL -> hours(1, 3);
              default -> new Instant[0];
            });
    TickPlan free = TickPlan.of(state(settings, hour(3), false, hour(1), hour(2)), hour(2));
    assertThat(free.starts())
        .containsExactly(
            switch (policy) {
              case SKIP, QUEUE_ONE, QUEUE_ALL -> hours(1, 2);
              case ALLOW -> hours(1, 3);
              case CANCEL_RUNNING -> hours(2, 3);
            });
    assertThat(free.cancels()).isFalse();
    TickPlan early = TickPlan.of(state(settings, hour(2), true), hour(1));
    assertThat(early.starts()).isEmpty();
    assertThat(early.cancels()).as("nothing is due").isFalse();
  }

  @Test
  @DisplayName("A schedule ends after its last execution, or at its end")
  void ends() {
    ScheduleSettings thrice = hourly(w -> w.times(3).overlap(OverlapPolicy.ALLOW));
    TickPlan.State state = new TickPlan.State("s", thrice, hour(2), List.of(), 2, false);
    TickPlan last = TickPlan.of(state, hour(2));
    assertThat(last.starts()).containsExactly(hour(2));
    assertThat(last.next()).isNull();
    assertThat(last.dueAt(state, hour(2), ofSeconds(1))).isNull();
    ScheduleSettings late =
        hourly(
            w ->
                w.times(3)
                    .overlap(OverlapPolicy.ALLOW)
                    .misfire(MisfirePolicy.runAll(9, ofDays(1))));
    TickPlan.State behind = new TickPlan.State("s", late, hour(0), List.of(), 1, false);
    assertThat(TickPlan.of(behind, hour(4)).starts()).containsExactly(hours(0, 2));
    for (OverlapPolicy policy : OverlapPolicy.values()) {
      TickPlan.State over =
          new TickPlan.State(
              "s", hourly(w -> w.times(3).overlap(policy)), hour(4), List.of(hour(3)), 3, false);
      assertThat(TickPlan.of(over, hour(4)))
          .returns(List.of(), TickPlan::starts)
          .returns(List.of(), TickPlan::queued)
          .returns(null, TickPlan::next);
    }
    ScheduleSettings waiting = hourly(w -> w.times(3).overlap(OverlapPolicy.QUEUE_ALL));
    TickPlan.State one = new TickPlan.State("s", waiting, hour(4), List.of(hour(3)), 2, false);
    assertThat(TickPlan.of(one, hour(4)))
        .returns(List.of(hour(3)), TickPlan::starts)
        .returns(List.of(), TickPlan::queued);
    ScheduleSettings until = hourly(w -> w.until(hour(3)));
    assertThat(TickPlan.of(state(until, hour(2), false), hour(2)).next()).isNull();
  }

  @Test
  @DisplayName("A waiting tick is looked at soon; otherwise the next tick decides")
  void looksAgain() {
    TickPlan.State waiting = state(hourly(w -> w.overlap(OverlapPolicy.QUEUE_ONE)), hour(1), true);
    TickPlan plan = TickPlan.of(waiting, hour(1));
    assertThat(plan.dueAt(waiting, hour(1), ofSeconds(1))).isEqualTo(hour(1).plusSeconds(1));
    assertThat(plan.dueAt(waiting, hour(2).minusMillis(1), ofSeconds(1))).isEqualTo(hour(2));
    TickPlan.State free = state(hourly(w -> {}), hour(1), false);
    assertThat(TickPlan.of(free, hour(1)).dueAt(free, hour(1), ofSeconds(1))).isEqualTo(hour(2));
  }

  @Test
  @DisplayName(
      "Jitter is the same for each look at a tick, within its bound, and spreads schedules")
  void jitter() {
    ScheduleSettings settings = hourly(w -> w.jitter(ofMinutes(10)));
    Set<Instant> dues = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Instant due = settings.timing().due("schedule " + i, hour(1));
      assertThat(due).isEqualTo(settings.timing().due("schedule " + i, hour(1)));
      assertThat(due).isBetween(hour(1), hour(1).plus(ofMinutes(10)));
      dues.add(due);
    }
    assertThat(dues).hasSizeGreaterThan(90);
    Instant due = settings.timing().due("s", hour(1));
    assertThat(TickPlan.of(state(settings, hour(1), false), due.minusMillis(1)).starts()).isEmpty();
    assertThat(TickPlan.of(state(settings, hour(1), false), due).starts()).hasSize(1);
    TickPlan.State next = state(settings, hour(2), false);
    assertThat(TickPlan.of(next, due).dueAt(next, due, ofSeconds(1)))
        .isEqualTo(settings.timing().due("s", hour(2)));
  }

  @Test
  @DisplayName("Years of missed seconds are counted, in several plans, and the latest one starts")
  void manyMissed() {
    ScheduleSettings settings = every(ofSeconds(1), w -> {});
    Instant now = FIRST.plus(ofDays(2)).plus(ofMinutes(1)).plusMillis(1);
    Instant next = FIRST;
    long missed = 0;
    List<Instant> started = new ArrayList<>();
    int plans = 0;
    while (next != null && !next.isAfter(now)) {
      TickPlan plan = TickPlan.of(state(settings, next, !started.isEmpty()), now);
      started.addAll(plan.starts());
      missed += plan.missed();
      next = plan.next();
      plans++;
    }
    assertThat(plans).isEqualTo(4);
    assertThat(started).hasSize(1);
    assertThat(missed).isEqualTo(ofDays(2).toSeconds() + 1);
  }

  @Test
  @DisplayName(
      "Each tick is started, missed, overlapped, or waits: exactly one of them, in any order")
  void conserves() {
    Random random = new Random(17);
    for (int round = 0; round < 500; round++) {
      OverlapPolicy overlap = List.of(OverlapPolicy.values()).get(random.nextInt(5));
      MisfirePolicy misfire =
          random.nextBoolean()
              ? MisfirePolicy.RUN_ONCE
              : MisfirePolicy.runAll(1 + random.nextInt(5), ofMinutes(1 + random.nextInt(30)));
      ScheduleSettings settings =
          every(ofSeconds(30), w -> w.overlap(overlap).misfire(misfire).jitter(ofSeconds(5)));
      Instant next = FIRST;
      Instant now = FIRST;
      List<Instant> queued = List.of();
      Set<Instant> seen = new HashSet<>();
      long counted = 0;
      for (int look = 0; look < 20; look++) {
        now = now.plusSeconds(random.nextInt(random.nextInt(10) == 0 ? 2_000 : 60));
        TickPlan.State state =
            new TickPlan.State("s", settings, next, queued, 0, random.nextBoolean());
        TickPlan plan = TickPlan.of(state, now);
        for (Instant start : plan.starts()) {
          assertThat(seen.add(start)).as("tick %s starts once", start).isTrue();
          assertThat(settings.timing().due("s", start)).isBeforeOrEqualTo(now);
        }
        assertThat(plan.starts()).isSorted();
        counted += plan.missed() + plan.overlapped();
        queued = plan.queued();
        next = plan.next();
      }
      long ticks = Duration.between(FIRST, next).toSeconds() / 30;
      assertThat(seen.size() + counted + queued.size())
          .as("%s %s", overlap, misfire)
          .isEqualTo(ticks);
    }
  }
}
