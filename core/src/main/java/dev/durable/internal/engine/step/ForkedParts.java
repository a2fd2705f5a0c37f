package dev.durable.internal.engine.step;

import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.BodySuspension;
import dev.durable.internal.engine.run.ClosedWaits;
import dev.durable.internal.engine.run.ParkedError;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.SuspendedError;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.store.journal.WakeCondition;
import dev.durable.workflow.BranchFailedException;
import dev.durable.workflow.JoinPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The join of a body's fork: enters the parts that have not ended, until enough of them have. What
 * is committed decides the outcome, so it is the same whenever the body is entered again.
 *
 * <p>If that takes longer than the parts can go now, the body is left at the waits of all of them.
 */
final class ForkedParts {

  private final BodyScope scope;
  private final RunState run;
  private final Attempt body;
  private final String path;
  private final JoinPolicy policy;
  private final List<? extends ForkPart> parts;
  private final PartsEntry entry;

  ForkedParts(
      PartContext whole,
      String path,
      ForkRoom room,
      JoinPolicy policy,
      List<? extends ForkPart> parts) {
    this.scope = whole.scope();
    this.run = scope.run();
    this.body = scope.attempt();
    this.path = path;
    this.policy = policy;
    this.parts = parts;
    this.entry = new PartsEntry(whole, path, room, policy, parts);
  }

  /**
   * How the parts ended, one result for each.
   *
   * @throws BranchFailedException if the whole has failed for good
   * @throws Exception the failure of a part, if another attempt may help
   */
  List<BranchResult> join() throws Exception {
    if (body.collection() != null) {
      entry.collect();
    }
    JoinTally tally = new JoinTally(path, policy, parts.size());
    try {
      count(tally);
      if (!tally.isDecided()) {
        body.requireDoing(path);
        entry.enter(tally);
        tally = new JoinTally(path, policy, parts.size());
        count(tally);
      }
    } catch (StepFailure failure) {
      closeOthers();
      throw new BranchFailedException(
          Objects.requireNonNullElse(failure.error().step(), path), failure.error());
    }
    if (!tally.isDecided()) {
      throw left();
    }
    closeOthers();
    return tally.results();
  }

  /** Counts the parts in their order: of several failures the first decides, not the earliest. */
  private void count(JoinTally tally) throws StepFailure {
    StepFailure first = null;
    for (int i = 0; i < parts.size(); i++) {
      BranchResult ended = parts.get(i).ended(scope, path);
      if (ended != null && first == null) {
        try {
          tally.ended(i, ended);
        } catch (StepFailure failure) {
          first = failure;
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  // ---- the end ----

  /** Closes the waits of parts that are not needed any more, and cancels their children. */
  private void closeOthers() {
    entry.forget();
    if (body.collection() != null || !run.waits().isUsed()) {
      return;
    }
    List<Uncommitted> closed = new ArrayList<>();
    for (ForkPart part : parts) {
      if (run.waits().isOpenWithin(part.path())) {
        closed.add(ClosedWaits.within(run.waits(), part.path()));
      }
    }
    if (!closed.isEmpty()) {
      run.journal().commit(body, Uncommitted.all(closed), () -> {});
    }
  }

  // ---- leaving the body ----

  /** Leaves the body: it is parked, has failed, or rests. */
  private Throwable leaving(Map<Integer, PartEnd> ends) {
    for (PartEnd end : ends.values()) {
      if (end.kind() == PartEnd.Kind.PARKS) {
        return parks(end.part());
      }
    }
    // A part that was stopped because another one has broken must not hide why.
    for (PartEnd.Kind kind : List.of(PartEnd.Kind.BROKEN, PartEnd.Kind.STOPPED)) {
      for (PartEnd end : ends.values()) {
        if (end.kind() == kind) {
          return Objects.requireNonNull(end.thrown());
        }
      }
    }
    return rests(ends);
  }

  private Exception left() {
    scope.requireWanted();
    Map<Integer, PartEnd> ends = entry.handOver();
    return EffectCall.exception(leaving(ends));
  }

  private ParkedError parks(Attempt part) {
    body.parks(
        Objects.requireNonNull(part.parked() == null ? body.parked() : part.parked()), List.of());
    return new ParkedError("a part of '" + path + "' is parked");
  }

  private SuspendedError rests(Map<Integer, PartEnd> ends) {
    List<BodySuspension> waits = new ArrayList<>();
    for (PartEnd end : ends.values()) {
      @Nullable BodySuspension wait = end.part().suspension();
      if (wait != null) {
        waits.add(wait);
      }
    }
    waits.add(entry.begun());
    if (entry.hasLeftOut()) {
      // Another worker comes to the others.
      waits.add(BodySuspension.unanswered(WakeCondition.after(Duration.ZERO), Map.of()));
    }
    body.suspends(BodySuspension.all(waits));
    return new SuspendedError();
  }
}
