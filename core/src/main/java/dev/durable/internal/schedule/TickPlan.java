package dev.durable.internal.schedule;

import dev.durable.schedule.MisfirePolicy;
import dev.durable.schedule.OverlapPolicy;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.schedule.Timing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of the ticks that are due start an execution. First the policy for missed ticks chooses,
 * then the bound on their number, then the policy for overlaps. The result of a calculation: it
 * asks neither a clock nor a database.
 *
 * @param starts the ticks that start one, the oldest first
 * @param cancels whether what has not ended is cancelled first
 * @param queued the ticks that wait for an end, the oldest first
 * @param next the first tick that has not been served, or null if there is none
 * @param missed how many were missed and start nothing
 * @param overlapped how many start nothing because of an overlap
 */
record TickPlan(
    List<Instant> starts,
    boolean cancels,
    List<Instant> queued,
    @Nullable Instant next,
    long missed,
    long overlapped) {

  /** So many ticks are looked at in one calculation; the others are left to the next one. */
  static final int MOST_LOOKED_AT = 50_000;

  /**
   * What is known of a schedule.
   *
   * @param name its name
   * @param settings how it ticks
   * @param next the first tick that has not been served, or null
   * @param queued the ticks that wait for an end
   * @param started how many executions its ticks have started
   * @param running whether an execution has not ended
   */
  record State(
      String name,
      ScheduleSettings settings,
      @Nullable Instant next,
      List<Instant> queued,
      long started,
      boolean running) {}

  /** Plans the ticks that are due now. */
  static TickPlan of(State state, Instant now) {
    return new Planning(state, now).plan();
  }

  private static final class Planning {

    private final State state;
    private final Instant now;
    private final Timing timing;
    private final MisfirePolicy misfire;
    private final List<Instant> onTime = new ArrayList<>();
    private final Deque<Instant> late = new ArrayDeque<>();
    private @Nullable Instant next;
    private long missed;
    private long overlapped;

    Planning(State state, Instant now) {
      this.state = state;
      this.now = now;
      this.timing = state.settings.timing();
      this.misfire = state.settings.misfire();
      this.next = state.next;
    }

    TickPlan plan() {
      collect();
      List<Instant> candidates = new ArrayList<>(state.queued);
      candidates.addAll(late);
      candidates.addAll(onTime);
      return overlap(bounded(candidates));
    }

    /** Takes the ticks that are due; of those that were missed, the latest that may start. */
    private void collect() {
      int looked = 0;
      while (next != null && !due(next).isAfter(now)) {
        if (looked == MOST_LOOKED_AT) {
          putBack();
          return;
        }
        looked++;
        take(next);
        next = timing.after(next);
      }
      if (misfire.most() == 1 && !onTime.isEmpty()) {
        missed += late.size();
        late.clear();
      }
    }

    private void take(Instant tick) {
      Instant due = due(tick);
      if (!due.isBefore(now.minus(MisfirePolicy.GRACE))) {
        onTime.add(tick);
        return;
      }
      late.addLast(tick);
      if (late.size() > misfire.most() || due.isBefore(now.minus(misfire.window()))) {
        late.removeFirst();
        missed++;
      }
    }

    /** There are more than can be looked at: those that may start are looked at once more. */
    private void putBack() {
      next = !late.isEmpty() ? late.getFirst() : !onTime.isEmpty() ? onTime.getFirst() : next;
      late.clear();
      onTime.clear();
    }

    private Instant due(Instant tick) {
      return timing.due(state.name, tick);
    }

    /** After the last execution of a schedule that has a number of them, there is no tick. */
    private List<Instant> bounded(List<Instant> candidates) {
      Long times = state.settings.times();
      if (times == null) {
        return candidates;
      }
      long left = Math.max(0, times - state.started);
      if (candidates.size() < left) {
        return candidates;
      }
      // Of those that overlap, the one may start nothing and leave its place to another.
      return state.settings.overlap() == OverlapPolicy.ALLOW
          ? candidates.subList(0, (int) left)
          : left == 0 ? List.of() : candidates;
    }

    private TickPlan overlap(List<Instant> candidates) {
      return switch (state.settings.overlap()) {
        case ALLOW -> planned(candidates, false, List.of());
        case SKIP -> oneOf(candidates, 0);
        case QUEUE_ONE -> oneOf(candidates, 1);
        case QUEUE_ALL -> oneOf(candidates, Schedule.MOST_QUEUED);
        case CANCEL_RUNNING -> {
          overlapped += Math.max(0, candidates.size() - 1);
          List<Instant> last = candidates.isEmpty() ? candidates : List.of(candidates.getLast());
          yield planned(last, !last.isEmpty() && state.running, List.of());
        }
      };
    }

    /** Starts the first one if nothing runs; of the others so many wait. */
    private TickPlan oneOf(List<Instant> candidates, int mostQueued) {
      int starts = state.running || candidates.isEmpty() ? 0 : 1;
      List<Instant> rest = candidates.subList(starts, candidates.size());
      int queued = Math.min(rest.size(), mostQueued);
      overlapped += rest.size() - queued;
      return planned(candidates.subList(0, starts), false, rest.subList(0, queued));
    }

    private TickPlan planned(List<Instant> starts, boolean cancels, List<Instant> queued) {
      Long times = state.settings.times();
      boolean over = times != null && state.started + starts.size() >= times;
      return new TickPlan(
          List.copyOf(starts),
          cancels,
          over ? List.of() : List.copyOf(queued),
          over ? null : next,
          missed,
          overlapped);
    }
  }

  /**
   * The same with the first of its executions only; the ticks of the others are left to the next
   * plan.
   *
   * @param queuedBefore the ticks that waited for an end before this plan
   */
  TickPlan first(int count, List<Instant> queuedBefore) {
    if (count == starts.size()) {
      return this;
    }
    List<Instant> rest = starts.subList(count, starts.size());
    List<Instant> waiting = new ArrayList<>(rest);
    waiting.retainAll(queuedBefore);
    waiting.addAll(queued);
    Instant left =
        rest.stream().filter(tick -> !queuedBefore.contains(tick)).findFirst().orElse(next);
    return new TickPlan(starts.subList(0, count), cancels, waiting, left, missed, overlapped);
  }

  /** When to look again: when the next tick is due, or soon if one waits for an end. */
  @Nullable Instant dueAt(State state, Instant now, Duration pause) {
    Instant due = next == null ? null : state.settings.timing().due(state.name, next);
    if (queued.isEmpty()) {
      return due;
    }
    Instant soon = now.plus(pause);
    return due == null || soon.isBefore(due) ? soon : due;
  }
}
