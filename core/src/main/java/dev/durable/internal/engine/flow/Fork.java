package dev.durable.internal.engine.flow;

import dev.durable.internal.engine.run.ForkedStrands;
import dev.durable.internal.engine.run.Frontier;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.engine.run.WaitingParts;
import dev.durable.internal.engine.step.BranchResult;
import dev.durable.internal.engine.step.ForkRoom;
import dev.durable.internal.engine.step.JoinTally;
import dev.durable.internal.service.Threads;
import dev.durable.workflow.JoinPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Walks the parts of a parallel or a forEach at once, each on a strand and a virtual thread of its
 * own, until its policy is satisfied. The forking strand itself runs no branch; it only
 * coordinates.
 *
 * <p>A part that waits gives its turn away and is walked again when it is due; when all remaining
 * parts wait, so does the whole.
 */
public final class Fork implements ForkedStrands {

  private final Strand parent;
  private final RunState run;
  private final ForkRoom room;
  private final String path;
  private final PartWalk parts;
  private final JoinTally tally;
  private final WaitingParts waiting;
  private final Map<Integer, Strand> running = new ConcurrentHashMap<>();
  private final BlockingQueue<ForkReport> reports = new LinkedBlockingQueue<>();

  private int next;
  private int begun;
  private int walking;

  Fork(
      Strand parent,
      int size,
      ForkRoom room,
      JoinPolicy policy,
      String path,
      PartWalk.Branch branch) {
    this.parent = parent;
    this.run = parent.run();
    this.room = room;
    this.path = path;
    this.parts = new PartWalk(run, room, policy, branch, reports);
    this.tally = new JoinTally(path, policy, size);
    this.waiting = new WaitingParts(run);
  }

  /** Coordinates until enough parts have ended; the results, one for each part. */
  List<BranchResult> toTheEnd() throws StepFailure, Suspension, ParkedException {
    parent.flush(path);
    run.history().entries().enter(path, System.nanoTime());
    parent.forks(this);
    try {
      if (run.history().isResumed()) {
        passBy();
      }
      while (!tally.isDecided()) {
        begin();
        if (walking == 0 && running.isEmpty()) {
          throw suspension();
        }
        take(nextReport());
      }
    } catch (StepFailure failure) {
      parent.hold(stop());
      parent.closeWaits(path);
      throw failure;
    } catch (Throwable ended) {
      parent.hold(stop());
      throw ended;
    } finally {
      parent.joins();
    }
    parent.hold(stop());
    parent.closeWaits(path);
    if (!tally.haveAllEnded()) {
      // Before the join's body this would be committed anyway.
      parent.flush(path);
      settle();
    }
    return tally.results();
  }

  // ---- from the strand above ----

  @Override
  public Uncommitted stop() {
    Uncommitted kept = Uncommitted.NOTHING;
    for (Strand strand : running.values()) {
      kept = kept.and(strand.stop());
    }
    for (ForkReport report = reports.poll(); report != null; report = reports.poll()) {
      if (report instanceof ForkReport.Ended end) {
        kept = kept.and(end.uncommitted());
      } else if (report instanceof ForkReport.Parks parks) {
        kept = kept.and(parks.uncommitted());
      }
    }
    return kept;
  }

  @Override
  public void signal() {
    reports.add(new ForkReport.Signalled());
    running.values().forEach(Strand::signal);
  }

  @Override
  public void interrupt() {
    running.values().forEach(Strand::interrupt);
  }

  // ---- coordinating ----

  /** Counts the parts that ended before this worker took over, without a thread for each. */
  private void passBy() throws ParkedException, StepFailure {
    for (int i = 0; i < tally.size(); i++) {
      Strand passing = Strand.passing(run);
      try {
        tally.ended(i, new BranchResult.Done(parts.passBy(i, passing)));
      } catch (Frontier frontier) {
        // There is work left, which a strand of its own will do.
      } catch (Suspension suspended) {
        begun++;
        waiting.add(i, WaitingParts.suspended(run, suspended));
      } catch (StepFailure failure) {
        tally.ended(i, new BranchResult.Failed(failure.error()));
      } catch (Jump jump) {
        throw PartWalk.noTarget(jump);
      }
    }
  }

  /**
   * Enough parts have ended; others may have ended beside them, or have been stopped after their
   * last result. The history says which, so that a join that runs again is told the same.
   */
  private void settle() throws ParkedException {
    for (int i = 0; i < tally.size(); i++) {
      if (tally.hasEnded(i)) {
        continue;
      }
      try {
        tally.settled(i, new BranchResult.Done(parts.passBy(i, Strand.passing(run))));
      } catch (StepFailure failure) {
        tally.settled(i, new BranchResult.Failed(failure.error()));
      } catch (Frontier | Suspension stopped) {
        // It has not ended.
      } catch (Jump jump) {
        throw PartWalk.noTarget(jump);
      }
    }
  }

  private void begin() {
    if (run.isDraining()) {
      return;
    }
    for (Integer due = due(); due != null; due = due()) {
      begin(due);
    }
    // Parts that an earlier worker has begun come first: they have the lowest places.
    while (walking < room.walking() && begun < room.begun() && next < tally.size()) {
      if (isUntouched(next)) {
        begun++;
        begin(next);
      }
      next++;
    }
  }

  private @Nullable Integer due() {
    return walking < room.walking() ? waiting.takeDue() : null;
  }

  /** Whether a part has not ended, does not wait, and is not under way again after a wait. */
  private boolean isUntouched(int index) {
    return !tally.hasEnded(index) && !waiting.contains(index) && !running.containsKey(index);
  }

  private void begin(int index) {
    Strand strand = new Strand(run);
    running.put(index, strand);
    walking++;
    Threads.virtual(Thread.currentThread().getName(), () -> parts.walk(index, strand)).start();
  }

  private ForkReport nextReport() {
    try {
      while (true) {
        Long untilDue = waiting.nanosUntilDue();
        ForkReport report =
            untilDue != null && canBegin()
                ? reports.poll(untilDue, TimeUnit.NANOSECONDS)
                : reports.take();
        if (report != null) {
          return report;
        }
        begin();
      }
    } catch (InterruptedException woken) {
      // An interrupt means nothing by itself: a body may interrupt a thread that it once ran on.
      parent.requireWanted();
      return new ForkReport.Signalled();
    }
  }

  private boolean canBegin() {
    return !waiting.isEmpty() && walking < room.walking() && !run.isDraining();
  }

  private void take(ForkReport report) throws ParkedException, StepFailure {
    switch (report) {
      case ForkReport.Walked walked -> {
        walking--;
        begun -= walked.waits() ? 0 : 1;
      }
      case ForkReport.Ended end -> {
        running.remove(end.index());
        parent.hold(end.uncommitted());
        tally.ended(end.index(), end.part());
      }
      case ForkReport.Waits waits -> {
        running.remove(waits.index());
        waiting.add(waits.index(), waits.part());
      }
      case ForkReport.Parks parks -> {
        running.remove(parks.index());
        parent.hold(parks.uncommitted());
        throw parks.reason();
      }
      case ForkReport.Lost lost -> {
        running.remove(lost.index());
        parent.requireWanted();
        throw new IllegalStateException(
            "part " + lost.index() + " of '" + path + "' was lost", lost.bug());
      }
      case ForkReport.Signalled signalled -> waiting.wakeReady();
    }
  }

  /** All remaining parts wait, or this worker drains. */
  private Suspension suspension() {
    run.history().resumes();
    return run.isDraining()
        ? new Suspension(Duration.ZERO, path)
        : new Suspension(waiting.wake(), path);
  }

  @Override
  public String toString() {
    return "fork '" + path + "' of execution " + run.id() + ": " + tally;
  }
}
