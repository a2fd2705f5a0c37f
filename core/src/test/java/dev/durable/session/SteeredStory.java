package dev.durable.session;

import static dev.durable.testing.DurableFixture.SOON;

import dev.durable.Durable;
import dev.durable.WorkerOptions;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.queue.QueueState;
import dev.durable.queue.Queues;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.OnGap;
import dev.durable.schedule.OnRepeat;
import dev.durable.schedule.OverlapPolicy;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.Schedules;
import dev.durable.schedule.StoredSchedule;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** A little of everything that schedules and limited queues can do, on the same two workers. */
final class SteeredStory {

  private static final int STARTS = 6;
  private static final Duration HOUR = Duration.ofHours(1);

  private final TestDatabase db;
  private final String queue;
  private final String hourly;
  private final String daily;
  private final Workflow<String, String> work;
  private final Instant lastTick =
      Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(30, ChronoUnit.MINUTES);
  private final Instant firstTick = lastTick.minus(100, ChronoUnit.HOURS);
  private final List<String> lines = new ArrayList<>();

  SteeredStory(TestDatabase db, String name) {
    this.db = db;
    this.queue = name + "-limited";
    this.hourly = name + "-hourly, it's \\";
    this.daily = name + "-daily";
    this.work =
        Workflow.of(
            name + "-steered",
            String.class,
            String.class,
            (text, step) -> text + " of " + step.execution().schedule(),
            with -> with.queue(queue));
  }

  Workflow<String, String> work() {
    return work;
  }

  WorkerOptions configure(WorkerOptions worker) {
    return worker.queue(
        queue,
        q ->
            q.globalConcurrency(4)
                .perKey(2)
                .rate(1_000, Duration.ofSeconds(1))
                .ratePerKey(500, Duration.ofSeconds(1))
                .countWaiting()
                .fair()
                .aging(Duration.ofSeconds(30)));
  }

  /** Tells it; returns what happened, line by line. */
  List<String> tell(Durable a, Durable b) {
    schedules(a.schedules(), b);
    limits(a, b.queues());
    debounce(a, b);
    return lines;
  }

  private void schedules(Schedules one, Durable other) {
    one.put(
        Schedule.every(
            hourly,
            work,
            HOUR,
            w ->
                w.from(firstTick)
                    .input("it's \\")
                    .queue(queue)
                    .limitKey("k'\\")
                    .priority(3)
                    .jitter(Duration.ofMillis(1))
                    .overlap(OverlapPolicy.QUEUE_ONE)
                    .tag("t'", "\\")
                    .timeout(HOUR)));
    one.put(
        Schedule.cron(
            daily,
            work,
            "30 4 * * MON-FRI",
            ZoneId.of("Australia/Lord_Howe"),
            w -> w.input("d").onGap(OnGap.SKIP).onRepeat(OnRepeat.BOTH)));
    db.nextTick(hourly, lastTick);
    untilCompleted(other, 1);
    note("triggered", one.trigger(hourly).result(SOON));
    Backfill asked = one.backfill(hourly, firstTick, firstTick.plus(HOUR.multipliedBy(3)), 2, "");
    Schedules schedules = other.schedules();
    Gate.until(() -> schedules.backfills(hourly).stream().allMatch(Backfill::isDone));
    untilCompleted(other, 5);
    note("backfills left to cancel", schedules.cancelBackfill(asked.id()));
    schedules.pause(hourly, "it's \\ 'over'", "jane's");
    StoredSchedule paused = one.list(q -> q.queue(queue).paused(true)).getFirst();
    note("paused", paused.pause().reason() + " by " + paused.pause().by());
    note("counted", paused.started() + " " + paused.missed() + " " + paused.failures());
    one.resume(hourly);
    note("not paused", schedules.find(hourly).orElseThrow().pause());
    note("previewed", one.preview(daily, 3).size());
    schedules.delete(daily);
    note("deleted", one.find(daily).isEmpty());
    for (Execution each : executions(other)) {
      note(
          "executed", each.input() + each.output() + each.tags() + each.priority() + each.status());
    }
  }

  private List<Execution> executions(Durable durable) {
    return durable.executions(q -> q.schedule(hourly).limit(100)).items();
  }

  private void untilCompleted(Durable durable, int number) {
    Gate.until(
        () ->
            executions(durable).stream()
                    .filter(each -> each.status() == ExecutionStatus.COMPLETED)
                    .count()
                == number);
  }

  private void limits(Durable durable, Queues queues) {
    List<ExecutionHandle<String>> started =
        durable.startAll(
            work,
            IntStream.range(0, STARTS).mapToObj(i -> "" + i).toList(),
            (input, with) -> with.limitKey("key'\\" + Integer.parseInt(input) % 2));
    queues.limits(queue, "jane's", l -> l.globalConcurrency(1).noRatePerKey());
    started.forEach(handle -> note("limited", handle.result(SOON)));
    QueueState state = queues.find(queue).orElseThrow();
    note("overridden", state.override().names().stream().sorted().toList());
    queues.clearOverrides(queue);
    queues.pause(queue, "it's \\", "jane's");
    ExecutionHandle<String> held = durable.start(work, "held");
    note("drained", queues.drain(queue, SOON));
    note("held", held.status() + " " + queues.find(queue).orElseThrow().stats().due());
    queues.resume(queue);
    note("resumed", held.result(SOON));
  }

  private void debounce(Durable a, Durable b) {
    a.start(work, "first", o -> o.debounce("d'\\" + queue, HOUR));
    UUID id = b.start(work, "second", o -> o.debounce("d'\\" + queue, HOUR)).id();
    a.reschedule(id, Duration.ZERO);
    note("debounced", b.handle(id, work).result(SOON));
  }

  private void note(String what, Object value) {
    lines.add(what + ": " + value);
  }
}
