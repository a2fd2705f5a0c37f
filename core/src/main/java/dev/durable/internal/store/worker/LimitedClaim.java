package dev.durable.internal.store.worker;

import dev.durable.internal.store.worker.LimitedClaimStatement.Look;
import java.util.List;
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
 */
public record LimitedClaim(
    Claim claim,
    Set<String> busy,
    Set<String> keptBack,
    Set<String> unenforced,
    Set<String> unmarked,
    Set<String> unlimited) {

  /** No queue was asked. */
  public static final LimitedClaim NOTHING = of(List.of());

  /** Whether another claim at once may bring what this one could not. */
  public boolean isStale() {
    return !unenforced.isEmpty() || !unlimited.isEmpty();
  }

  static LimitedClaim of(List<Look> looks) {
    return new LimitedClaim(
        looks.stream().map(Look::claim).reduce(Claim.NOTHING, Claim::and),
        queues(looks, Look::busy),
        queues(looks, Look::keptBack),
        queues(looks, Look::unenforced),
        queues(looks, Look::unmarked),
        queues(looks, look -> !look.limited()));
  }

  private static Set<String> queues(List<Look> looks, Predicate<Look> which) {
    return looks.stream().filter(which).map(Look::queue).collect(Collectors.toUnmodifiableSet());
  }
}
