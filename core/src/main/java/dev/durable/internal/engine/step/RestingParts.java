package dev.durable.internal.engine.step;

import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.BodySuspension;
import dev.durable.internal.engine.run.ClosedWaits;
import dev.durable.internal.engine.run.PendingWait;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.engine.run.WaitingParts;
import dev.durable.internal.journal.RejectedEntryException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a fork that wait while others run: their waits are committed, so that they begin,
 * those of many parts at once. For the thread of the body.
 */
final class RestingParts {

  private final RunState run;
  private final Attempt body;
  private final Consumer<Offered> answered;
  private final List<PartEnd> collected = new ArrayList<>();
  private final Set<Offered> inFlight = new LinkedHashSet<>();
  private final WaitingParts waiting;
  private final Map<Integer, BodySuspension> begun = new HashMap<>();

  /**
   * @param body the attempt of the body that forks
   * @param answered is told of each commit that is over, on any thread
   */
  RestingParts(RunState run, Attempt body, Consumer<Offered> answered) {
    this.run = run;
    this.body = body;
    this.answered = answered;
    this.waiting = new WaitingParts(run);
  }

  /** The waits of some parts, on their way to the database. */
  record Offered(List<PartEnd> parts, CompletableFuture<Void> commit) {}

  // ---- their waits begin ----

  /** Adds a part that waits. Its waits are offered with the next ones. */
  void add(PartEnd part) {
    // Without waits of its own, its code had been left before it came to one.
    if (part.part().suspension() != null) {
      collected.add(part);
    }
  }

  /** Offers the waits of the added parts to the journal. */
  void offer() {
    if (!collected.isEmpty()) {
      offer(List.copyOf(collected));
      collected.clear();
    }
  }

  private void offer(List<PartEnd> parts) {
    List<Uncommitted> changes = new ArrayList<>();
    for (PartEnd end : parts) {
      changes.add(end.part().uncommitted());
      changes.add(suspension(end).uncommitted());
    }
    Uncommitted all = Uncommitted.all(changes);
    CompletableFuture<Void> commit =
        all.isEmpty()
            ? CompletableFuture.completedFuture(null)
            : body.offer(() -> run.journal().offer(all));
    Offered offered = new Offered(parts, commit);
    inFlight.add(offered);
    commit.whenComplete((done, failure) -> answered.accept(offered));
  }

  private static BodySuspension suspension(PartEnd end) {
    return Objects.requireNonNull(end.part().suspension());
  }

  /**
   * A commit is over: the waits have begun. If the database has refused those of a part, they are
   * left to the commit with which the body rests, where that is told.
   *
   * @return the parts whose waits have begun
   */
  List<PartEnd> begin(Offered offered) {
    if (!inFlight.remove(offered)) {
      return List.of();
    }
    try {
      if (run.journal().await(offered.commit)) {
        // The interrupt was meant for the body.
        Thread.currentThread().interrupt();
      }
    } catch (RejectedEntryException refused) {
      if (offered.parts.size() > 1) {
        offered.parts.forEach(part -> offer(List.of(part)));
      }
      return List.of();
    }
    offered.parts.forEach(this::begin);
    return offered.parts;
  }

  private void begin(PartEnd end) {
    Attempt part = end.part();
    BodySuspension waits = suspension(end);
    part.settled();
    waits.open().forEach(run.waits()::opened);
    if (!waits.unanswered()) {
      close(ClosedWaits.forgotten(run.waits(), part.path(), waits.open().keySet()));
    }
    begun.put(end.index(), waits);
    waiting.add(
        end.index(), WaitingParts.suspended(run, new Suspension(waits.wake(), part.path())));
  }

  private void close(Uncommitted forgotten) {
    if (!forgotten.isEmpty()) {
      run.journal().commit(body, forgotten, () -> {});
    }
  }

  /** Waits for all commits; the parts whose waits have begun. */
  List<PartEnd> settle() {
    List<PartEnd> all = new ArrayList<>();
    while (!inFlight.isEmpty()) {
      all.addAll(begin(inFlight.iterator().next()));
    }
    return all;
  }

  // ---- they go on ----

  /** Makes parts due whose signal has come. */
  void wakeReady() {
    waiting.wakeReady();
  }

  /** Nanoseconds until the first of them is due; null if time alone makes none due. */
  @Nullable Long nanosUntilDue() {
    return waiting.nanosUntilDue();
  }

  /** Removes the first part that is due; null if there is none. */
  @Nullable Integer takeDue() {
    Integer due = waiting.takeDue();
    if (due != null) {
      begun.remove(due);
    }
    return due;
  }

  /** The waits that have begun, of parts that have not gone on. */
  BodySuspension suspension() {
    Map<String, PendingWait> open = new HashMap<>();
    begun.values().forEach(waits -> open.putAll(waits.open()));
    boolean unanswered = begun.values().stream().anyMatch(BodySuspension::unanswered);
    return new BodySuspension(Uncommitted.NOTHING, waiting.wake(), open, unanswered);
  }
}
