package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.service.Threads;
import dev.durable.internal.store.WakeCondition;
import dev.durable.workflow.JoinPolicy;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Walks the parts of a parallel or a forEach at once, each on a strand and a virtual thread of its
 * own, until its policy has what it wants. The strand that forks only directs.
 *
 * <p>A part that waits gives its turn away and is walked again when it is due; when all that is
 * left waits, so does the whole.
 */
final class Fork implements ForkedStrands {

  private final Strand parent;
  private final Room room;
  private final JoinPolicy policy;
  private final String path;
  private final Branch branch;
  private final @Nullable BranchResult[] parts;
  private final Map<Integer, Strand> running = new ConcurrentHashMap<>();
  private final Map<Integer, Rest> waiting = new HashMap<>();
  private final PriorityQueue<Due> due = new PriorityQueue<>();
  private final BlockingQueue<Report> reports = new LinkedBlockingQueue<>();

  /** Those that have completed, by their own threads. */
  private final AtomicInteger committed = new AtomicInteger();

  /** Of waits that race for a place among those that are enough, one commits at a time. */
  private final ReentrantLock taking = new ReentrantLock();

  private int next;
  private int begun;
  private int walking;
  private int done;
  private int failed;
  private @Nullable ErrorInfo firstFailure;

  /**
   * For how many parts there is room.
   *
   * @param begun how many may be begun and not ended; what waits keeps its place
   * @param walking how many may be on their way at once; what waits is not
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

  /** What a part tells the one who directs. */
  private sealed interface Report {

    /** One that is about a part. */
    sealed interface OfPart extends Report {
      int index();
    }

    /**
     * Its bodies are through; another may take its turn. Its rows are still to be committed.
     *
     * @param rests whether it keeps its place: it will go on
     */
    record Walked(int index, boolean rests) implements OfPart {}

    /** It has ended. */
    record Ended(int index, BranchResult part, Uncommitted held) implements OfPart {}

    /** It waits. */
    record Waits(int index, Rest rest) implements OfPart {}

    /** It cannot go on without a person. */
    record Parks(int index, ParkedException reason) implements OfPart {}

    /** Its thread came to an end that none may come to. */
    record Lost(int index, Throwable bug) implements OfPart {}

    /** Something was sent to the execution. */
    record Signalled() implements Report {}
  }

  /**
   * A part that waits.
   *
   * @param path where
   * @param wake what lets it go on
   * @param dueAt when it is due by {@link System#nanoTime}; null if only a signal lets it go on
   */
  private record Rest(String path, WakeCondition wake, @Nullable Long dueAt) {}

  /** A part that is due then. Nano times may wrap around. */
  private record Due(int index, long at) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return Long.signum(at - other.at);
    }
  }

  Fork(Strand parent, int size, Room room, JoinPolicy policy, String path, Branch branch) {
    this.parent = parent;
    this.room = room;
    this.policy = policy;
    this.path = path;
    this.branch = branch;
    this.parts = new BranchResult[size];
  }

  /** Directs until enough parts have ended; one for each part. */
  List<BranchResult> toTheEnd() throws StepFailure, Suspension, ParkedException {
    parent.flush(path);
    parent.run().history().entries().enter(path, System.nanoTime());
    parent.forks(this);
    try {
      if (parent.run().history().isResumed()) {
        passBy();
      }
      while (!isDecided()) {
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
    return Arrays.stream(parts)
        .map(part -> part == null ? new BranchResult.Stopped() : part)
        .toList();
  }

  /** Stops what still runs; what is still to be committed of it. */
  @Override
  public Uncommitted stop() {
    Uncommitted kept = Uncommitted.NOTHING;
    for (Strand strand : running.values()) {
      kept = kept.and(strand.stop());
    }
    for (Report report = reports.poll(); report != null; report = reports.poll()) {
      if (report instanceof Report.Ended end) {
        kept = kept.and(end.held());
      }
    }
    return kept;
  }

  /** Something was sent to the execution. */
  @Override
  public void signal() {
    reports.add(new Report.Signalled());
    running.values().forEach(Strand::signal);
  }

  /** Interrupts what still runs. */
  @Override
  public void interrupt() {
    running.values().forEach(Strand::interrupt);
  }

  // ---- directing ----

  /** Parts that ended before this worker took over are known without a thread. */
  private void passBy() throws ParkedException, StepFailure {
    for (int i = 0; i < parts.length; i++) {
      Strand passing = Strand.passing(parent.run());
      try {
        ended(i, new BranchResult.Done(branch.walk(passing, i)));
        committed.incrementAndGet();
      } catch (Strand.Frontier frontier) {
        // There is something left to do; a strand of its own will.
      } catch (Suspension rests) {
        begun++;
        rest(i, rest(rests));
      } catch (StepFailure failure) {
        ended(i, new BranchResult.Failed(failure.error()));
      } catch (Jump jump) {
        throw noTarget(jump);
      }
    }
  }

  private void begin() {
    if (parent.run().isDraining()) {
      return;
    }
    while (walking < room.walking && isDue(due.peek())) {
      Due first = due.remove();
      Rest rest = waiting.get(first.index);
      if (rest != null && Objects.equals(rest.dueAt, first.at)) {
        waiting.remove(first.index);
        begin(first.index);
      }
    }
    // What an earlier worker has begun comes first: it has the lowest places.
    while (walking < room.walking && begun < room.begun && next < parts.length) {
      if (isUntouched(next)) {
        begun++;
        begin(next);
      }
      next++;
    }
  }

  /** It has not ended, does not wait, and is not under way again after it has waited. */
  private boolean isUntouched(int index) {
    return parts[index] == null && !waiting.containsKey(index) && !running.containsKey(index);
  }

  private static boolean isDue(@Nullable Due first) {
    return first != null && first.at - System.nanoTime() <= 0;
  }

  /** It waits from now on, if what it waits for has not come meanwhile. */
  private void rest(int index, Rest rest) {
    Rest now = isReady(rest) ? new Rest(rest.path, rest.wake, System.nanoTime()) : rest;
    waiting.put(index, now);
    if (now.dueAt != null) {
      due.add(new Due(index, now.dueAt));
    }
  }

  private boolean isReady(Rest rest) {
    return rest.wake.signals() && parent.run().waits().isReady(rest.path);
  }

  /** Who waits for what has been sent is due now; nothing changes for the others. */
  private void wakeReady() {
    Map.copyOf(waiting)
        .forEach(
            (index, rest) -> {
              if (isReady(rest)) {
                rest(index, rest);
              }
            });
  }

  private Rest rest(Suspension suspended) {
    Duration in = parent.run().untilDue(suspended);
    Long dueAt = DueTime.afterAny(in);
    return new Rest(suspended.path(), suspended.wake(), dueAt);
  }

  private void begin(int index) {
    Strand strand = new Strand(parent.run());
    running.put(index, strand);
    walking++;
    Threads.virtual(Thread.currentThread().getName(), () -> walk(index, strand)).start();
  }

  private Report nextReport() {
    try {
      while (true) {
        Due first = due.peek();
        Report report =
            first != null && canBegin()
                ? reports.poll(first.at - System.nanoTime(), TimeUnit.NANOSECONDS)
                : reports.take();
        if (report != null) {
          return report;
        }
        begin();
      }
    } catch (InterruptedException woken) {
      // It means nothing by itself: a body may have sent it to a thread that was once its own.
      parent.requireWanted();
      return new Report.Signalled();
    }
  }

  private void take(Report report) throws ParkedException, StepFailure {
    switch (report) {
      case Report.Walked walked -> {
        walking--;
        begun -= walked.rests() ? 0 : 1;
      }
      case Report.Ended end -> {
        running.remove(end.index());
        parent.hold(end.held());
        ended(end.index(), end.part());
      }
      case Report.Waits waits -> {
        running.remove(waits.index());
        rest(waits.index(), waits.rest());
      }
      case Report.Parks parks -> {
        running.remove(parks.index());
        throw parks.reason();
      }
      case Report.Lost lost -> {
        running.remove(lost.index());
        parent.requireWanted();
        throw new IllegalStateException(
            "part " + lost.index() + " of '" + path + "' was lost", lost.bug());
      }
      case Report.Signalled signalled -> wakeReady();
    }
  }

  private void ended(int index, BranchResult part) throws StepFailure {
    parts[index] = part;
    switch (part) {
      case BranchResult.Done result -> done++;
      case BranchResult.Failed failure -> {
        failed++;
        firstFailure = firstFailure == null ? failure.error() : firstFailure;
        if (policy instanceof JoinPolicy.FailFast) {
          throw new StepFailure(failure.error());
        }
        if (policy instanceof JoinPolicy.Quorum(int needed) && failed > parts.length - needed) {
          throw new StepFailure(outOfReach(needed, firstFailure));
        }
      }
      case BranchResult.Stopped stopped -> {}
    }
  }

  private ErrorInfo outOfReach(int needed, ErrorInfo first) {
    return ErrorInfo.of(
        ErrorInfo.QUORUM_NOT_REACHED,
        "'"
            + path
            + "' needs "
            + needed
            + " of its "
            + parts.length
            + " branches, but "
            + failed
            + " have failed; the first with: "
            + first.message(),
        path);
  }

  private boolean isDecided() {
    return policy instanceof JoinPolicy.Quorum(int needed)
        ? done >= needed
        : done + failed == parts.length;
  }

  /** All that is left waits, or this worker drains. */
  private Suspension suspension() {
    parent.run().history().resumes();
    if (parent.run().isDraining()) {
      return new Suspension(Duration.ZERO, path);
    }
    WakeCondition wake = WakeCondition.NEVER;
    for (Rest rest : waiting.values()) {
      WakeCondition own = rest.wake;
      Duration in = own.in() == null || rest.dueAt == null ? null : DueTime.until(rest.dueAt);
      wake = wake.or(new WakeCondition(in, own.at(), own.signals()));
    }
    return new Suspension(wake, path);
  }

  private boolean canBegin() {
    return !waiting.isEmpty() && walking < room.walking && !parent.run().isDraining();
  }

  // ---- on a part's own thread ----

  /** Whatever becomes of it, the director gets a report; after a stop it does not read it. */
  private void walk(int index, Strand strand) {
    try {
      strand.runsHere();
      report(walked(index, strand), strand);
    } catch (Throwable bug) {
      reports.add(new Report.Lost(index, bug));
    }
  }

  /**
   * The next part may begin while this one's rows are on their way, so that many parts share a
   * commit; but where parts are to follow one another, also their rows do.
   */
  private void report(Report.OfPart end, Strand strand) {
    Report.Walked walked = new Report.Walked(end.index(), end instanceof Report.Waits);
    if (!room.isForOne()) {
      reports.add(walked);
    }
    Report committed = committed(end, strand);
    if (room.isForOne()) {
      reports.add(walked);
    }
    reports.add(committed);
  }

  private Report.OfPart walked(int index, Strand strand) {
    try {
      JsonValue result = branch.walk(strand, index);
      return new Report.Ended(index, new BranchResult.Done(result), Uncommitted.NOTHING);
    } catch (StepFailure failure) {
      return new Report.Ended(index, new BranchResult.Failed(failure.error()), Uncommitted.NOTHING);
    } catch (Suspension rests) {
      return new Report.Waits(index, rest(rests));
    } catch (ParkedException reason) {
      return new Report.Parks(index, reason);
    } catch (Jump jump) {
      throw noTarget(jump);
    }
  }

  private static IllegalStateException noTarget(Jump jump) {
    return new IllegalStateException("nothing has the target '" + jump.target() + "'", jump);
  }

  /** A failure that ends the whole is committed with that end; anything else at once. */
  private Report committed(Report.OfPart end, Strand strand) {
    if (policy instanceof JoinPolicy.FailFast
        && end instanceof Report.Ended(int index, BranchResult.Failed failed, Uncommitted none)) {
      return new Report.Ended(index, failed, strand.release());
    }
    boolean done = end instanceof Report.Ended ended && ended.part() instanceof BranchResult.Done;
    boolean races = policy instanceof JoinPolicy.Quorum && done && strand.hasTaken();
    if (races) {
      taking.lock();
    }
    try {
      if (races && isWon()) {
        strand.forgo();
        return new Report.Ended(end.index(), new BranchResult.Stopped(), Uncommitted.NOTHING);
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
      return new Report.Ended(
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
