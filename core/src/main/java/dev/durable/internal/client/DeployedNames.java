package dev.durable.internal.client;

import dev.durable.UnknownQueueException;
import dev.durable.UnknownWorkflowException;
import dev.durable.internal.store.client.DefinitionStore;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of workflows and queues that exist, for starts. The database is asked only about names
 * that this instance has not found yet.
 */
final class DeployedNames {

  private static final Logger LOG = LoggerFactory.getLogger(DeployedNames.class);

  private final DefinitionStore store;
  private final Set<String> workflows = ConcurrentHashMap.newKeySet();
  private final Set<String> queues = ConcurrentHashMap.newKeySet();
  private final Set<String> served = ConcurrentHashMap.newKeySet();
  private final Set<String> keyed = ConcurrentHashMap.newKeySet();

  DeployedNames(DefinitionStore store) {
    this.store = store;
  }

  /** Adds names of workflows and queues that this instance has stored. */
  void add(Collection<String> moreWorkflows, Collection<String> moreQueues) {
    workflows.addAll(moreWorkflows);
    queues.addAll(moreQueues);
    served.addAll(moreQueues);
  }

  void requireWorkflow(String workflow) {
    if (!workflows.contains(workflow)) {
      if (store.latest(workflow).isEmpty()) {
        throw new UnknownWorkflowException(workflow, store.workflows());
      }
      workflows.add(workflow);
    }
  }

  void requireQueue(String queue) {
    if (!queues.contains(queue)) {
      queues.addAll(store.queues());
      if (!queues.contains(queue)) {
        throw new UnknownQueueException(queue, new TreeSet<>(queues));
      }
    }
    warnUnlessServed(queue);
  }

  /** Looks once at each queue that this instance does not serve itself. */
  private void warnUnlessServed(String queue) {
    if (isFirst(served, queue, () -> !store.isServed(queue))) {
      LOG.warn(
          "Executions are started in queue '{}', which no live worker serves now: they wait until"
              + " one does. Start one with .worker(w -> w.queue(\"{}\", q -> ...))",
          queue,
          queue);
    }
  }

  /** Looks once at each queue that gets limit keys; warns if no limit of it counts by them. */
  void warnUnlessKeyed(String queue) {
    if (isFirst(keyed, queue, () -> !store.isKeyed(queue))) {
      LOG.warn(
          "Executions are started with a limitKey in queue '{}', which has no limit that counts by"
              + " it. Give it one where its worker is configured:"
              + " .worker(w -> w.queue(\"{}\", q -> q.perKey(1))), or ratePerKey(...), or fair()",
          queue,
          queue);
    }
  }

  /**
   * Whether a queue is looked at for the first time, and the look finds something to warn of. No
   * start fails because of a warning: without an answer, the next start looks again.
   */
  private static boolean isFirst(Set<String> looked, String queue, BooleanSupplier found) {
    if (!looked.add(queue)) {
      return false;
    }
    try {
      return found.getAsBoolean();
    } catch (RuntimeException later) {
      looked.remove(queue);
      return false;
    }
  }
}
