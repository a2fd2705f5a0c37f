package dev.durable.internal.engine.step;

import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.BodySuspension;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.workflow.JoinPolicy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a fork's parts: each that has not ended runs on a virtual thread of its own, until
 * enough have ended or none can go on. All of their code has ended when that is over.
 *
 * <p>A part that waits while others run has its waits committed, so that they begin, and is entered
 * again when it is due.
 */
final class PartsEntry {

  private final PartContext whole;
  private final BodyScope scope;
  private final RunState run;
  private final String path;
  private final ForkRoom room;
  private final JoinPolicy policy;
  private final List<? extends ForkPart> parts;

  private final Deque<Integer> waiting = new ArrayDeque<>();
  private final Deque<Integer> fresh = new ArrayDeque<>();
  private final Map<Integer, Attempt> attempts = new TreeMap<>();
  private final RunningParts running = new RunningParts();
  private final Map<Integer, PartEnd> ends = new TreeMap<>();
  private final BlockingQueue<Report> reports = new LinkedBlockingQueue<>();
  private final RestingParts resting;
  private int begun;

  /**
   * @param whole the body that forks
   * @param path of the fork
   */
  PartsEntry(
      PartContext whole,
      String path,
      ForkRoom room,
      JoinPolicy policy,
      List<? extends ForkPart> parts) {
    this.whole = whole;
    this.scope = whole.scope();
    this.run = scope.run();
    this.path = path;
    this.room = room;
    this.policy = policy;
    this.parts = parts;
    this.resting =
        new RestingParts(run, scope.attempt(), offered -> reports.add(new Report.Begun(offered)));
  }

  /** What the thread of the body is told. */
  private sealed interface Report {

    /** The entry of a part is over. */
    record Over(PartEnd end) implements Report {}

    /** A commit of waits is over. */
    record Begun(RestingParts.Offered waits) implements Report {}

    /** A signal was sent to the execution. */
    record Signalled() implements Report {}
  }

  /** Enters all parts, one after the other, only to collect how what they have done is undone. */
  void collect() {
    for (int i = 0; i < parts.size(); i++) {
      PartCall call = new PartCall(whole, path, policy, parts.get(i), i);
      call.collect();
      scope.attempt().leaves(call.attempt());
      scope.requireWanted();
      scope.attempt().leaveIfCollected();
    }
  }

  // ---- entering ----

  /**
   * Enters the parts.
   *
   * @param tally counts the parts that have ended
   */
  void enter(JoinTally tally) {
    for (int i = 0; i < parts.size(); i++) {
      if (!tally.hasEnded(i)) {
        // Parts that an earlier entry has begun keep their place.
        (run.waits().isOpenWithin(parts.get(i).path()) ? waiting : fresh).add(i);
      }
    }
    boolean interrupted = false;
    // The body itself does nothing meanwhile.
    run.bodies().giveTurnBack();
    Runnable listener = this::signalled;
    run.waits().listen(listener);
    try {
      interrupted = toTheEnd(tally);
    } finally {
      run.waits().forget(listener);
      try {
        stop();
      } finally {
        run.bodies().retakeTurn();
      }
    }
    if (interrupted) {
      // That was meant for the body.
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether this thread was interrupted meanwhile. */
  private boolean toTheEnd(JoinTally tally) {
    boolean interrupted = false;
    try {
      begin();
      while (!tally.isDecided() && !running.isEmpty()) {
        scope.requireWanted();
        try {
          for (Report report = next(); report != null; report = reports.poll()) {
            if (take(report, tally)) {
              return interrupted;
            }
          }
          goOn(tally);
        } catch (InterruptedException woken) {
          interrupted = true;
        }
      }
    } catch (StepFailure decided) {
      // The caller counts once more, when the others have been stopped.
    }
    return interrupted;
  }

  /** Nothing begins once it is decided. */
  private void goOn(JoinTally tally) {
    if (!tally.isDecided()) {
      begin();
      if (!running.isEmpty()) {
        resting.offer();
      }
    }
  }

  private void signalled() {
    reports.add(new Report.Signalled());
  }

  /** The next report; null if a part that rests is due before. */
  private @Nullable Report next() throws InterruptedException {
    Long untilDue = hasRoom() ? resting.nanosUntilDue() : null;
    return untilDue == null ? reports.take() : reports.poll(untilDue, TimeUnit.NANOSECONDS);
  }

  private boolean hasRoom() {
    return running.size() < room.walking() && !drains();
  }

  private void begin() {
    for (Integer due = due(); due != null; due = due()) {
      begin(due);
    }
    while (hasRoom()) {
      boolean again = !waiting.isEmpty();
      if (!again && (fresh.isEmpty() || begun >= room.begun())) {
        return;
      }
      begun++;
      begin(again ? waiting.remove() : fresh.remove());
    }
  }

  private @Nullable Integer due() {
    return hasRoom() ? resting.takeDue() : null;
  }

  /** Enters one part: nothing else does. */
  private void begin(int index) {
    PartCall call = new PartCall(whole, path, policy, parts.get(index), index);
    attempts.put(index, call.attempt());
    running.enter(index, call, end -> reports.add(new Report.Over(end)));
  }

  /** A draining worker begins no more, if the body can be entered on another one. */
  private boolean drains() {
    return run.isDraining() && !scope.attempt().isAtMostOnce();
  }

  /** Takes a report; returns whether it ends the whole. */
  private boolean take(Report report, JoinTally tally) throws StepFailure {
    switch (report) {
      case Report.Over over -> {
        return take(over.end, tally);
      }
      case Report.Begun waits -> resting.begin(waits.waits).forEach(this::rests);
      case Report.Signalled signalled -> resting.wakeReady();
    }
    return false;
  }

  /** The waits of a part have begun: it is entered again when it is due. */
  private void rests(PartEnd end) {
    ends.remove(end.index());
    attempts.remove(end.index());
    scope.attempt().leaves(end.part());
  }

  private boolean take(PartEnd end, JoinTally tally) throws StepFailure {
    running.over(end.index());
    ends.put(end.index(), end);
    switch (end.kind()) {
      case ENDED -> {
        begun--;
        BranchResult ended = parts.get(end.index()).ended(scope, path);
        tally.ended(end.index(), Objects.requireNonNull(ended));
      }
      case RESTS -> resting.add(end);
      case BROKEN, PARKS, STOPPED -> {
        return true;
      }
    }
    return false;
  }

  // ---- stopping ----

  /** Stops the parts that still run, and waits for the commits that are under way. */
  private void stop() {
    running.stop();
    for (Report report = reports.poll(); report != null; report = reports.poll()) {
      if (report instanceof Report.Over(PartEnd end)) {
        ends.put(end.index(), end);
      }
    }
    resting.settle().forEach(this::rests);
  }

  // ---- afterwards ----

  /** Whether parts were left out that there is room for, because this worker drains. */
  boolean hasLeftOut() {
    return drains() && !(waiting.isEmpty() && (fresh.isEmpty() || begun >= room.begun()));
  }

  /** The waits that have begun already. */
  BodySuspension begun() {
    return resting.suspension();
  }

  /**
   * Gives what the parts have decided and not committed to the body, which is left.
   *
   * @return how they ended
   */
  Map<Integer, PartEnd> handOver() {
    ends.values().stream()
        .filter(end -> end.kind() != PartEnd.Kind.STOPPED)
        .forEach(end -> scope.attempt().takesOver(end.part()));
    forget();
    return ends;
  }

  /** Undoes what parts have decided and not committed. */
  void forget() {
    for (Attempt part : attempts.values()) {
      part.forgetTentative(run.waits());
      scope.attempt().leaves(part);
    }
  }
}
