package dev.durable.internal.worker;

import dev.durable.internal.store.Claimed;
import dev.durable.internal.store.ClaimedHistory;
import dev.durable.internal.store.DeadlineStore;
import dev.durable.internal.store.KeptHistory;
import dev.durable.internal.store.LastDefinition;
import dev.durable.internal.store.Ownership;
import dev.durable.internal.store.SqlRunner;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a worker runs. The worker decides what and when; the workload how. */
public interface Workload {

  /** What this worker can run, as {@code name@version}. */
  List<String> definitions();

  /** The same with their hashes, as {@code name@version#fingerprint}. */
  List<String> editions();

  /**
   * Reads what is needed to judge whether these can go on with the definitions that are registered
   * here.
   */
  void learn(SqlRunner runner, Collection<LastDefinition> moved);

  /**
   * The fingerprint of the definition here, if the execution can go on with it; null if it cannot.
   */
  @Nullable String fitting(LastDefinition moved, ClaimedHistory past);

  /**
   * The same for one that is being undone.
   *
   * @param compensation how far, as JSON
   */
  @Nullable String undoing(LastDefinition moved, ClaimedHistory past, String compensation);

  /** The history of an execution up to its last stay, if that was here; null if it is not kept. */
  @Nullable KeptHistory kept(Ownership claimed);

  /**
   * Runs a claimed execution on a thread of its own.
   *
   * @param past what it has done so far, and what was sent to it
   * @param slot to be freed when it leaves this worker
   * @param member whether this process still has the lease under which it was claimed
   */
  void run(Claimed claimed, ClaimedHistory past, Slots.Slot slot, BooleanSupplier member);

  /** Whether this execution runs here under this token, or is about to. */
  boolean has(Ownership owned);

  /** Stops the run that owned this execution under this token, if it is here. */
  void abandon(Ownership owner, String reason);

  /** This execution has passed its deadline and has been ended, or is undone first. */
  void tooLate(DeadlineStore.Late late);

  /** Something has been sent to this execution; it matters if it runs here. */
  void signalled(UUID execution);

  /** Stops all executions: this worker no longer owns them. */
  void abandonAll(String reason);

  /** Executions whose body has been running for a while. */
  List<Ownership> longRunning();

  /**
   * Lets running bodies end, at the most for the given time; what has more to do than that is
   * released.
   */
  void drain(long nanos);
}
