package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.workflow.BranchFailedException;
import dev.durable.workflow.JoinPolicy;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The join of a body's fork: enters the parts that have not ended, until enough of them have. */
final class DryForkJoin {

  private final DryContext whole;
  private final DryExecution run;
  private final String path;
  private final int places;
  private final JoinPolicy policy;
  private final List<? extends DryForkPart> parts;

  /**
   * @param places how many parts are begun at once
   */
  DryForkJoin(
      DryContext whole,
      String path,
      int places,
      JoinPolicy policy,
      List<? extends DryForkPart> parts) {
    this.whole = whole;
    this.run = whole.run();
    this.path = path;
    this.places = places;
    this.policy = policy;
    this.parts = parts;
  }

  /**
   * How the parts ended, one result for each.
   *
   * @throws BranchFailedException if the whole has failed for good
   * @throws Exception the failure of a part, if another attempt may help
   */
  List<DryPart> join() throws Exception {
    try {
      if (whole.current().isCollecting()) {
        collect();
      }
      DryTally tally = counted();
      if (!tally.isDecided()) {
        whole.current().requireDoing();
        DryStop open = enter(tally);
        tally = counted();
        if (!tally.isDecided()) {
          throw whole.current().stops(Objects.requireNonNull(open, "open"));
        }
      }
      closeOthers();
      return tally.results();
    } catch (DryStop.Misuse wrong) {
      throw whole.current().stops(wrong);
    } catch (DryFailure failure) {
      closeOthers();
      throw new BranchFailedException(
          Objects.requireNonNullElse(failure.error().step(), path), failure.error());
    }
  }

  /** Counts the parts in their order: of several failures the first decides. */
  private DryTally counted() throws DryFailure {
    DryTally tally = new DryTally(path, policy, parts.size());
    for (int i = 0; i < parts.size(); i++) {
      DryPart ended = parts.get(i).ended(run);
      if (ended != null) {
        tally.ended(i, ended);
      }
    }
    return tally;
  }

  private void closeOthers() {
    parts.forEach(part -> run.history().closeWaits(part.path()));
  }

  // ---- entering ----

  /** Enters the parts; returns what those that are open wait for. */
  private @Nullable DryStop enter(DryTally tally) throws Exception {
    DryLanes lanes = new DryLanes(run.clock(), path, places, parts.size());
    DryStop open = null;
    for (int i = 0; i < parts.size() && !tally.isDecided() && !lanes.isFull(); i++) {
      if (tally.hasEnded(i)) {
        continue;
      }
      boolean others = i < parts.size() - 1;
      lanes.begins();
      try {
        enter(parts.get(i));
        tally.ended(i, Objects.requireNonNull(parts.get(i).ended(run)));
        lanes.ends();
        if (others && tally.isDecided()) {
          lanes.decides(true);
        }
      } catch (DryFailure decided) {
        lanes.decides(others);
        return null;
      } catch (DryStop.Waits waits) {
        lanes.rests();
        open = open == null ? waits : open;
      } catch (DryStop.Over over) {
        lanes.rests();
        open = DryForks.requireOutOfTime(over);
      } catch (DryStop stop) {
        throw whole.current().stops(stop);
      } catch (Exception broken) {
        lanes.decides(others);
        throw broken;
      }
    }
    lanes.over();
    return open;
  }

  private void enter(DryForkPart part) throws Exception {
    DryContext context = context(part);
    try {
      context.here(() -> part.run(context));
    } catch (DryStop stop) {
      throw stop;
    } catch (Throwable thrown) {
      context.current().requireGoing();
      if (part.ended(run) == null) {
        failed(context.current(), thrown);
      }
    }
    context.current().closes();
  }

  private void failed(DryAttempt part, Throwable thrown) throws Exception {
    if (policy instanceof JoinPolicy.FailFast
        && thrown instanceof Exception failure
        && DryFailedAttempt.mayBeTriedAgain(failure)) {
      throw failure;
    }
    ErrorInfo error = DryErrors.of(thrown, part.path(), List.of());
    run.history().failed(part.path(), StepType.EFFECT, part.number(), error);
    run.history().givesUp(part.path(), error);
  }

  private DryContext context(DryForkPart part) {
    int number = run.history().attempts(part.path()) + 1;
    return whole.part(whole.current().part(part.path(), number));
  }

  // ---- undoing ----

  /** Enters all parts only to collect how what they have done is undone. */
  private void collect() {
    for (DryForkPart part : parts) {
      DryContext context = context(part);
      try {
        context.here(() -> part.collect(context));
      } catch (DryStop.Misuse wrong) {
        throw wrong;
      } catch (Throwable ended) {
        // Whatever else ends that entry ends only the part's.
      }
      context.current().requireNoMisuse();
      whole.current().leaveIfCollected();
    }
  }
}
