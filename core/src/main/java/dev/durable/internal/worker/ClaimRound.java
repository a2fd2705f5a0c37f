package dev.durable.internal.worker;

import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.KeptConnection;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.ClaimRoom;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.KnownLimits;
import dev.durable.internal.store.worker.LimitedClaim;
import dev.durable.internal.worker.Slots.Reserved;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One look for due executions: frees orphans, reserves slots, claims as many executions and
 * launches them. For one thread.
 */
final class ClaimRound {

  private static final Duration LONGEST_HOLD = Duration.ofSeconds(1);
  private static final Duration LOCK = Duration.ofMillis(2_500);

  /**
   * An execution that has lost so many workers in a row may be the one that ends them: a worker
   * runs only one such suspect at a time. So the culprit is parked alone, and the others, which ran
   * beside it before it was suspected, end in turn or make progress, which clears them.
   */
  private static final int SUSPICION = 3;

  private final Lease lease;
  private final ClaimStore claims;
  private final Launcher launcher;
  private final Slots slots;
  private final Workload workload;
  private final Orphans orphans;
  private final Database database;
  private final KeptConnection kept;
  private final int suspicion;
  private volatile boolean paused;
  private @Nullable KnownLimits known;
  private final LimitedRetry retry = new LimitedRetry();
  private final LimitedLooks looks;

  ClaimRound(
      Lease lease,
      ClaimStore claims,
      Launcher launcher,
      Slots slots,
      Workload workload,
      Orphans orphans,
      Database database,
      int maxRecoveries,
      Duration pollInterval) {
    this.lease = lease;
    this.claims = claims;
    this.launcher = launcher;
    this.slots = slots;
    this.workload = workload;
    this.orphans = orphans;
    this.database = database.byKey();
    this.kept = KeptConnection.busy(database, LOCK);
    this.looks = new LimitedLooks(pollInterval);
    this.suspicion = Math.max(1, Math.min(SUSPICION, (maxRecoveries + 1) / 2));
  }

  /**
   * The outcome of a look.
   *
   * @param found whether it found work
   * @param full whether there may be more, so that the next look is due at once
   * @param nextDue when the next execution becomes due, if that is known
   */
  record Look(boolean found, boolean full, @Nullable Duration nextDue) {

    private static final Look NOTHING = new Look(false, false, null);
  }

  Look look(ServiceThread self, ClaimPace pace) {
    UUID worker = lease.current();
    if (worker == null) {
      return Look.NOTHING;
    }
    orphans.free(worker);
    if (paused) {
      slots.announcePlaces(Map.of());
      return Look.NOTHING;
    }
    Reserved reserved = slots.reserve(pace.most());
    try {
      if (reserved.isEmpty()) {
        slots.announcePlaces(Map.of());
        return Look.NOTHING;
      }
      return claim(self, pace, worker, reserved);
    } finally {
      reserved.freeRest();
    }
  }

  private Look claim(ServiceThread self, ClaimPace pace, UUID worker, Reserved reserved) {
    SqlRunner runner = runner(pace);
    KnownLimits limits = limits(runner, worker);
    if (limits == null) {
      return Look.NOTHING;
    }
    boolean onward = pace.goesOn();
    LimitedClaim limited = limitedOrNothing(self, runner, limits, reserved);
    Claim claim = limited.claim().and(unlimited(self, runner, limits, reserved, onward));
    if (claim.crowd()) {
      claims.wake(
          runner, worker, reserved.counts().keySet(), workload.definitions(), workload.editions());
    }
    slots.announcePlaces(perQueue(claim));
    boolean full = isUsedUp(reserved);
    slots.cramped(claim.more());
    pace.claimed(claim.taken().size(), full);
    boolean found = !claim.taken().isEmpty();
    boolean more =
        full || claim.refused() || limited.isStale() || (claim.more() && (found || onward));
    return new Look(found, more, earlier(claim.nextDue(), nextLimited()));
  }

  /**
   * After a failure, what the queues have said before counts only when they are looked at again.
   */
  private @Nullable Duration nextLimited() {
    return retry.isDue() ? earlier(looks.next(), retry.pause()) : retry.pause();
  }

  private static @Nullable Duration earlier(@Nullable Duration one, @Nullable Duration other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Claims from the queues without limits, as far as this worker knows. */
  private Claim unlimited(
      ServiceThread self, SqlRunner runner, KnownLimits limits, Reserved reserved, boolean onward) {
    Map<String, Integer> free = counts(reserved, limits, false);
    if (free.isEmpty()) {
      return Claim.NOTHING;
    }
    Claim claim =
        claims.claim(
            runner, limits, room(free), workload.definitions(), workload.editions(), onward);
    self.beat();
    launcher.launch(runner, limits.id(), claim, reserved);
    if (claim.refused()) {
      known = null;
    }
    return claim;
  }

  /**
   * The limits as they were read last, unless a claim was refused since; null for a dead worker.
   */
  private @Nullable KnownLimits limits(SqlRunner runner, UUID worker) {
    if (known == null || !known.id().equals(worker)) {
      know(claims.limits(runner, worker));
    }
    return known;
  }

  private void know(@Nullable KnownLimits limits) {
    known = limits;
    slots.limited(limits == null ? Set.of() : limits.queues());
  }

  /**
   * Claims from the limited queues. What fails there must not keep the other queues from being
   * claimed from.
   */
  private LimitedClaim limitedOrNothing(
      ServiceThread self, SqlRunner runner, KnownLimits limits, Reserved reserved) {
    if (!retry.isDue()) {
      return LimitedClaim.NOTHING;
    }
    try {
      LimitedClaim limited = limited(self, runner, limits, reserved);
      retry.tried(!limited.busy().isEmpty());
      return limited;
    } catch (RuntimeException failure) {
      looks.ask();
      if (counts(reserved, limits, false).isEmpty()) {
        throw failure;
      }
      retry.failed(failure);
      orphans.suspect();
      return LimitedClaim.NOTHING;
    }
  }

  private LimitedClaim limited(
      ServiceThread self, SqlRunner runner, KnownLimits limits, Reserved reserved) {
    Map<String, Integer> free = counts(reserved, limits, true);
    looks.choose(free.keySet());
    if (free.isEmpty()) {
      return LimitedClaim.NOTHING;
    }
    LimitedClaim limited =
        claims.claimLimited(
            runner, limits.id(), room(free), workload.definitions(), workload.editions());
    self.beat();
    launcher.launch(runner, limits.id(), limited.claim(), reserved);
    if (!limited.unlimited().isEmpty() && known != null) {
      know(known.without(limited.unlimited()));
    }
    Map<String, Integer> claimed = perQueue(limited.claim());
    for (String queue : free.keySet()) {
      boolean keptBack = limited.keptBack().contains(queue);
      if (!limited.busy().contains(queue)) {
        slots.keptBack(queue, limited.counted().contains(queue), keptBack);
      }
      looks.note(
          queue,
          reserved.isUsedUp(queue) ? null : limited.rests().get(queue),
          keptBack && !claimed.containsKey(queue));
    }
    claims.keepInOrder(runner, limited);
    return limited;
  }

  private static Map<String, Integer> perQueue(Claim claim) {
    Map<String, Integer> claimed = new HashMap<>();
    claim.taken().forEach(taken -> claimed.merge(taken.queue(), 1, Integer::sum));
    return claimed;
  }

  private static Map<String, Integer> counts(
      Reserved reserved, KnownLimits limits, boolean limited) {
    Map<String, Integer> free = new LinkedHashMap<>(reserved.counts());
    free.keySet().removeIf(queue -> limits.queues().contains(queue) != limited);
    return free;
  }

  private ClaimRoom room(Map<String, Integer> free) {
    return new ClaimRoom(
        free, suspicion, !slots.hasSuspect(), Math.max(0, slots.bytesLeft()), slots.holdsNothing());
  }

  /** Whether a queue has filled all its slots; it has a backlog then. */
  private boolean isUsedUp(Reserved reserved) {
    boolean any = false;
    for (String queue : reserved.counts().keySet()) {
      boolean all = reserved.isUsedUp(queue);
      slots.backlog(queue, all);
      any |= all;
    }
    return any;
  }

  /**
   * Keeps one connection while work is found often: planning a claim takes longer than running it.
   */
  private SqlRunner runner(ClaimPace pace) {
    if (pace.findsOften()) {
      kept.closeAfter(LONGEST_HOLD);
      return kept;
    }
    kept.close();
    return database;
  }

  /** The reasons why it cannot claim from all queues; empty if there are none. */
  List<String> reasons() {
    return retry.reasons();
  }

  /** Looks in all limited queues with the next look. */
  void ask() {
    looks.ask();
  }

  /** Looks in this queue, if it is limited, with the next look. */
  void ask(String queue) {
    looks.ask(queue);
  }

  /** Looks in all limited queues with the first look after this time. */
  void askIn(Duration wait) {
    looks.askIn(wait);
  }

  /** Lets the looks from now on claim nothing, or claim again. */
  void pause(boolean on) {
    paused = on;
  }

  boolean isPaused() {
    return paused;
  }

  /** A look has failed: it may have claimed what this worker does not know of. */
  void failed() {
    orphans.suspect();
    kept.close();
  }

  void giveBack() {
    kept.close();
  }
}
