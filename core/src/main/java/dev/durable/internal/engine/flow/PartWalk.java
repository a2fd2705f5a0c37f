package dev.durable.internal.engine.flow;

import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.engine.run.WaitingParts;
import dev.durable.internal.engine.step.BranchResult;
import dev.durable.internal.engine.step.ForkRoom;
import dev.durable.workflow.JoinPolicy;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/** Walks the parts of a fork, each on a thread of its own, and reports to the forking strand. */
final class PartWalk {

  private final RunState run;
  private final ForkRoom room;
  private final JoinPolicy policy;
  private final Branch branch;
  private final Queue<ForkReport> reports;

  /** The parts that have completed, counted by their own threads. */
  private final AtomicInteger committed = new AtomicInteger();

  /** Waits that race for a place among the parts that are enough commit one at a time. */
  private final ReentrantLock taking = new ReentrantLock();

  /** Walks one part. */
  interface Branch {
    JsonValue walk(Strand strand, int index) throws StepFailure, Suspension, ParkedException, Jump;
  }

  /**
   * @param reports gets the end or the wait of each part
   */
  PartWalk(
      RunState run, ForkRoom room, JoinPolicy policy, Branch branch, Queue<ForkReport> reports) {
    this.run = run;
    this.room = room;
    this.policy = policy;
    this.branch = branch;
    this.reports = reports;
  }

  /** Walks a part as far as the history goes, on the thread of the forking strand. */
  JsonValue passBy(int index, Strand passing)
      throws StepFailure, Suspension, ParkedException, Jump {
    JsonValue result = branch.walk(passing, index);
    committed.incrementAndGet();
    return result;
  }

  /** Reports to the forking strand in any case; after a stop it does not read the report. */
  void walk(int index, Strand strand) {
    try {
      strand.runsHere();
      report(walked(index, strand), strand);
    } catch (Throwable bug) {
      reports.add(new ForkReport.Lost(index, bug));
    }
  }

  /**
   * The next part may begin while the rows of this one are on their way, so that many parts share a
   * commit. But where parts follow one another, so do their rows; and a part that has failed or is
   * parked may have decided the whole: then nothing more begins.
   */
  private void report(ForkReport.OfPart end, Strand strand) {
    ForkReport.Walked walked = new ForkReport.Walked(end.index(), end instanceof ForkReport.Waits);
    boolean ahead = !room.isForOne() && !mayDecide(end);
    if (ahead) {
      reports.add(walked);
    }
    reports.add(committed(end, strand));
    if (!ahead) {
      reports.add(walked);
    }
  }

  private boolean mayDecide(ForkReport.OfPart end) {
    return switch (end) {
      case ForkReport.Parks parks -> true;
      case ForkReport.Ended ended ->
          ended.part() instanceof BranchResult.Failed
              && !(policy instanceof JoinPolicy.CompleteAll);
      default -> false;
    };
  }

  private ForkReport.OfPart walked(int index, Strand strand) {
    try {
      return ended(index, new BranchResult.Done(branch.walk(strand, index)));
    } catch (StepFailure failure) {
      return ended(index, new BranchResult.Failed(failure.error()));
    } catch (Suspension suspended) {
      return new ForkReport.Waits(index, WaitingParts.suspended(run, suspended));
    } catch (ParkedException reason) {
      return new ForkReport.Parks(index, reason, Uncommitted.NOTHING);
    } catch (Jump jump) {
      throw noTarget(jump);
    }
  }

  private static ForkReport.Ended ended(int index, BranchResult part) {
    return new ForkReport.Ended(index, part, Uncommitted.NOTHING);
  }

  static IllegalStateException noTarget(Jump jump) {
    return new IllegalStateException("nothing has the target '" + jump.target() + "'", jump);
  }

  /**
   * A failure that ends or parks the whole is committed with that change; any other end at once.
   */
  private ForkReport.OfPart committed(ForkReport.OfPart end, Strand strand) {
    if (policy instanceof JoinPolicy.FailFast
        && end instanceof ForkReport.Ended(int index, BranchResult.Failed failed, var none)) {
      return new ForkReport.Ended(index, failed, strand.release());
    }
    if (end instanceof ForkReport.Parks(int index, var reason, var none)) {
      return new ForkReport.Parks(index, reason, strand.release());
    }
    boolean done =
        end instanceof ForkReport.Ended ended && ended.part() instanceof BranchResult.Done;
    boolean races = policy instanceof JoinPolicy.Quorum && done && strand.hasTaken();
    if (races) {
      taking.lock();
    }
    try {
      if (races && isWon()) {
        strand.forgo();
        return ended(end.index(), new BranchResult.Stopped());
      }
      strand.commit();
      if (done) {
        committed.incrementAndGet();
      }
      return end;
    } catch (StoppedError stopped) {
      strand.forgo();
      throw stopped;
    } catch (StepFailure refused) {
      return new ForkReport.Ended(
          end.index(), new BranchResult.Failed(refused.error()), strand.release());
    } finally {
      if (races) {
        taking.unlock();
      }
    }
  }

  private boolean isWon() {
    return policy instanceof JoinPolicy.Quorum(int needed) && committed.get() >= needed;
  }
}
