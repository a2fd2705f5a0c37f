package dev.durable.internal.engine;

import dev.durable.internal.service.Threads;
import dev.durable.workflow.JoinPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Walks the parts of a parallel or a forEach at once, each on a strand and a virtual thread of its
 * own, until its policy is satisfied. The forking strand itself runs no branch; it only
 * coordinates.
 *
 * <p>A part that waits gives its turn away and is walked again when it is due; when all remaining
 * parts wait, so does the whole.
 */
final class Fork implements ForkedStrands {

  private final Strand parent;
  private final RunState run;
  private final Room room;
  private final JoinPolicy policy;
  private final String path;
  private final Branch branch;
  private final JoinTally tally;
  private final WaitingParts waiting;
  private final Map<Integer, Strand> running = new ConcurrentHashMap<>();
  private final BlockingQueue<ForkReport> reports = new LinkedBlockingQueue<>();

  /** The parts that have completed, counted by their own threads. */
  private final AtomicInteger committed = new AtomicInteger();

  /** Waits that race for a place among the parts that are enough commit one at a time. */
  private final ReentrantLock taking = new ReentrantLock();

  private int next;
  private int begun;
  private int walking;

  /**
   * The number of parts for which there is room.
   *
   * @param begun how many may have begun and not ended; a part that waits keeps its place
   * @param walking how many may be walked at once; a part that waits is not
   */
  record Room(int begun, int walking) {

    static final Room ALL = new Room(Integer.MAX_VALUE, Integer.MAX_VALUE);

    /** Whether parts follow one another. */
    boolean isForOne() {
      return begun == 1;
    }
  }

  /** Walks one part. */
  interface Branch {
    JsonValue walk(Strand strand, int index) throws StepFailure, Suspension, ParkedException, Jump;
  }

  Fork(Strand parent, int size, Room room, JoinPolicy policy, String path, Branch branch) {
    this.parent = parent;
    this.run = parent.run();
    this.room = room;
    this.policy = policy;
    this.path = path;
    this.branch = branch;
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
        tally.ended(i, new BranchResult.Done(branch.walk(passing, i)));
        committed.incrementAndGet();
      } catch (Frontier frontier) {
        // There is work left, which a strand of its own will do.
      } catch (Suspension rests) {
        begun++;
        waiting.add(i, WaitingParts.rest(run, rests));
      } catch (StepFailure failure) {
        tally.ended(i, new BranchResult.Failed(failure.error()));
      } catch (Jump jump) {
        throw noTarget(jump);
      }
    }
  }

  private void begin() {
    if (run.isDraining()) {
      return;
    }
    while (walking < room.walking && waiting.isAnyDue()) {
      Integer due = waiting.takeDue();
      if (due != null) {
        begin(due);
      }
    }
    // Parts that an earlier worker has begun come first: they have the lowest places.
    while (walking < room.walking && begun < room.begun && next < tally.size()) {
      if (isUntouched(next)) {
        begun++;
        begin(next);
      }
      next++;
    }
  }

  /** It has not ended, does not wait, and is not under way again after it has waited. */
  private boolean isUntouched(int index) {
    return !tally.hasEnded(index) && !waiting.contains(index) && !running.containsKey(index);
  }

  private void begin(int index) {
    Strand strand = new Strand(run);
    running.put(index, strand);
    walking++;
    Threads.virtual(Thread.currentThread().getName(), () -> walk(index, strand)).start();
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
      // It means nothing by itself: a body may have sent it to a thread that was once its own.
      parent.requireWanted();
      return new ForkReport.Signalled();
    }
  }

  private boolean canBegin() {
    return !waiting.isEmpty() && walking < room.walking && !run.isDraining();
  }

  private void take(ForkReport report) throws ParkedException, StepFailure {
    switch (report) {
      case ForkReport.Walked walked -> {
        walking--;
        begun -= walked.rests() ? 0 : 1;
      }
      case ForkReport.Ended end -> {
        running.remove(end.index());
        parent.hold(end.uncommitted());
        tally.ended(end.index(), end.part());
      }
      case ForkReport.Waits waits -> {
        running.remove(waits.index());
        waiting.add(waits.index(), waits.rest());
      }
      case ForkReport.Parks parks -> {
        running.remove(parks.index());
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

  // ---- on a part's own thread ----

  /** Reports to the forking strand in any case; after a stop it does not read the report. */
  private void walk(int index, Strand strand) {
    try {
      strand.runsHere();
      report(walked(index, strand), strand);
    } catch (Throwable bug) {
      reports.add(new ForkReport.Lost(index, bug));
    }
  }

  /**
   * The next part may begin while the rows of this one are on their way, so that many parts share a
   * commit; but where parts follow one another, so do their rows.
   */
  private void report(ForkReport.OfPart end, Strand strand) {
    ForkReport.Walked walked = new ForkReport.Walked(end.index(), end instanceof ForkReport.Waits);
    if (!room.isForOne()) {
      reports.add(walked);
    }
    ForkReport committed = committed(end, strand);
    if (room.isForOne()) {
      reports.add(walked);
    }
    reports.add(committed);
  }

  private ForkReport.OfPart walked(int index, Strand strand) {
    try {
      return ended(index, new BranchResult.Done(branch.walk(strand, index)));
    } catch (StepFailure failure) {
      return ended(index, new BranchResult.Failed(failure.error()));
    } catch (Suspension rests) {
      return new ForkReport.Waits(index, WaitingParts.rest(run, rests));
    } catch (ParkedException reason) {
      return new ForkReport.Parks(index, reason);
    } catch (Jump jump) {
      throw noTarget(jump);
    }
  }

  private static ForkReport.Ended ended(int index, BranchResult part) {
    return new ForkReport.Ended(index, part, Uncommitted.NOTHING);
  }

  private static IllegalStateException noTarget(Jump jump) {
    return new IllegalStateException("nothing has the target '" + jump.target() + "'", jump);
  }

  /** A failure that ends the whole is committed with that end; any other end at once. */
  private ForkReport.OfPart committed(ForkReport.OfPart end, Strand strand) {
    if (policy instanceof JoinPolicy.FailFast
        && end instanceof ForkReport.Ended(int index, BranchResult.Failed failed, var none)) {
      return new ForkReport.Ended(index, failed, strand.release());
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

  @Override
  public String toString() {
    return "fork '" + path + "' of execution " + run.id() + ": " + tally;
  }
}
