package dev.durable.internal.worker;

import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.DeadlineStore;
import dev.durable.internal.store.worker.KeptHistory;
import dev.durable.internal.store.worker.LastDefinition;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The executions that a worker runs. The worker decides which and when, the workload how; {@code
 * Engine} implements it.
 */
public interface Workload {

  /** The definitions this worker can run, as {@code name@version}. */
  List<String> definitions();

  /** The same with their hashes, as {@code name@version#fingerprint}. */
  List<String> editions();

  /**
   * Reads what is needed to judge whether these can continue with the definitions that are
   * registered here.
   */
  void learn(SqlRunner runner, Collection<LastDefinition> moved);

  /** The fingerprint of the definition here, if the execution can continue with it; null if not. */
  @Nullable String fitting(LastDefinition moved, ClaimedHistory history);

  /**
   * The same for an execution that is being compensated.
   *
   * @param compensation its progress, as JSON
   */
  @Nullable String undoing(LastDefinition moved, ClaimedHistory history, String compensation);

  /** The history of an execution up to its last run, if that was here; null if it is not kept. */
  @Nullable KeptHistory kept(Ownership claimed);

  /**
   * Runs a claimed execution on a thread of its own.
   *
   * @param history its history so far, and the signals sent to it
   * @param slot to be freed when it leaves this worker
   * @param leased whether this worker still has the lease under which it was claimed
   */
  void run(Claimed claimed, ClaimedHistory history, Slots.Slot slot, BooleanSupplier leased);

  /** Whether this execution runs here under this token, or is about to. */
  boolean has(Ownership owned);

  /** Stops the run that owned this execution under this token, if it is here. */
  void abandon(Ownership owner, String reason);

  /** This execution has passed its deadline: it was ended, or is being compensated first. */
  void tooLate(DeadlineStore.Late late);

  /** An event or an answer was sent to this execution; it matters if it runs here. */
  void signalled(UUID execution);

  /** Stops all executions: this worker no longer owns them. */
  void abandonAll(String reason);

  /** Executions whose body has been running for a while. */
  List<Ownership> longRunning();

  /**
   * Lets running bodies end, at most for the given time; executions with more to do are released.
   */
  void drain(long nanos);
}
