package dev.durable.internal.engine.step;

import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.service.Threads;
import dev.durable.workflow.JoinPolicy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One entry of a fork's parts: each that has not ended runs on a virtual thread of its own, until
 * enough have ended or none can go on. All of their code has ended when that is over.
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
  private final Map<Integer, Thread> running = new HashMap<>();
  private final Map<Integer, PartEnd> ends = new TreeMap<>();
  private final BlockingQueue<PartEnd> reports = new LinkedBlockingQueue<>();
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
    try {
      interrupted = toTheEnd(tally);
    } finally {
      stop();
      run.bodies().retakeTurn();
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
          if (take(reports.take(), tally)) {
            return interrupted;
          }
          begin();
        } catch (InterruptedException woken) {
          interrupted = true;
        }
      }
    } catch (StepFailure decided) {
      // The caller counts once more, when the others have been stopped.
    }
    return interrupted;
  }

  private void begin() {
    while (running.size() < room.walking() && !drains()) {
      boolean again = !waiting.isEmpty();
      if (!again && (fresh.isEmpty() || begun >= room.begun())) {
        return;
      }
      begun++;
      begin(again ? waiting.remove() : fresh.remove());
    }
  }

  /** Enters one part: nothing else does. */
  private void begin(int index) {
    PartCall call = new PartCall(whole, path, policy, parts.get(index), index);
    attempts.put(index, call.attempt());
    Thread thread =
        Threads.virtual(Thread.currentThread().getName(), () -> reports.add(call.call()));
    running.put(index, thread);
    thread.start();
  }

  /** A draining worker begins no more, if the body can be entered on another one. */
  private boolean drains() {
    return run.isDraining() && !scope.attempt().isAtMostOnce();
  }

  /** Takes a report; returns whether it ends the whole. */
  private boolean take(PartEnd end, JoinTally tally) throws StepFailure {
    running.remove(end.index());
    ends.put(end.index(), end);
    switch (end.kind()) {
      case ENDED -> {
        begun--;
        BranchResult ended = parts.get(end.index()).ended(scope, path);
        tally.ended(end.index(), Objects.requireNonNull(ended));
      }
      case RESTS -> {}
      case BROKEN, PARKS, STOPPED -> {
        return true;
      }
    }
    return false;
  }

  // ---- stopping ----

  /** Stops the parts that still run. What they have committed counts. */
  private void stop() {
    for (int index : running.keySet()) {
      Attempt part = Objects.requireNonNull(attempts.get(index));
      part.takeAway();
      part.interrupt();
    }
    boolean interrupted = false;
    for (Thread thread : running.values()) {
      interrupted |= awaitEnd(thread);
    }
    for (PartEnd end = reports.poll(); end != null; end = reports.poll()) {
      ends.put(end.index(), end);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        return interrupted;
      } catch (InterruptedException meanwhile) {
        interrupted = true;
      }
    }
  }

  // ---- afterwards ----

  /** Whether parts were left out that there is room for, because this worker drains. */
  boolean hasLeftOut() {
    return drains() && !(waiting.isEmpty() && (fresh.isEmpty() || begun >= room.begun()));
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
