package dev.durable.internal.store.worker;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The answer to a claim in limited queues.
 *
 * @param claim what was claimed
 * @param busy the queues that other transactions hold: nothing was claimed from them
 * @param keptBack the queues in which something may be due that a limit keeps back
 * @param unenforced the queues whose limits were not enforced yet: nothing was claimed from them
 * @param unmarked the queues in which executions without a key are to be given an empty one
 * @param unlimited the queues that are no longer limited: nothing was claimed from them
 * @param counted the queues in which a limit counts what runs, so that each end may make room
 * @param rests of the queues that have no more for now and have said when they may, the time until
 *     then
 */
public record LimitedClaim(
    Claim claim,
    Set<String> busy,
    Set<String> keptBack,
    Set<String> unenforced,
    Set<String> unmarked,
    Set<String> unlimited,
    Set<String> counted,
    Map<String, Duration> rests) {

  /** No queue was asked. */
  public static final LimitedClaim NOTHING = of(List.of());

  /** Whether another claim at once may bring what this one could not. */
  public boolean isStale() {
    return !unenforced.isEmpty() || !unlimited.isEmpty();
  }

  static LimitedClaim of(List<LimitedLook> looks) {
    return new LimitedClaim(
        looks.stream().map(LimitedLook::claim).reduce(Claim.NOTHING, Claim::and),
        queues(looks, LimitedLook::busy),
        queues(looks, LimitedLook::keptBack),
        queues(looks, LimitedLook::unenforced),
        queues(looks, LimitedLook::unmarked),
        queues(looks, look -> !look.limited()),
        queues(looks, LimitedLook::counted),
        rests(looks));
  }

  private static Map<String, Duration> rests(List<LimitedLook> looks) {
    Map<String, Duration> rests = new HashMap<>();
    for (LimitedLook look : looks) {
      Duration next = look.claim().nextDue();
      if (next != null && !look.claim().more() && !look.busy()) {
        rests.put(look.queue(), next);
      }
    }
    return Map.copyOf(rests);
  }

  private static Set<String> queues(List<LimitedLook> looks, Predicate<LimitedLook> which) {
    return looks.stream()
        .filter(which)
        .map(LimitedLook::queue)
        .collect(Collectors.toUnmodifiableSet());
  }
}
