package dev.durable.internal.engine;

import dev.durable.internal.service.Threads;
import dev.durable.internal.store.client.MailboxStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers signals to the executions that run here. One look at a time: executions that are asked
 * for meanwhile share the next one. A look that fails is not repeated, since all are asked for
 * again and again.
 */
final class Mailboxes {

  private static final Logger LOG = LoggerFactory.getLogger(Mailboxes.class);

  private final MailboxStore store;
  private final Function<UUID, @Nullable Run> runs;
  private final Set<UUID> wanted = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean looking = new AtomicBoolean();

  Mailboxes(MailboxStore store, Function<UUID, @Nullable Run> runs) {
    this.store = store;
    this.runs = runs;
  }

  /** Looks for signals that may have been sent to executions. */
  void look(Collection<UUID> executions) {
    wanted.addAll(executions);
    if (!wanted.isEmpty() && looking.compareAndSet(false, true)) {
      try {
        Threads.startVirtual(this::lookWhileWanted);
      } catch (Throwable failure) {
        looking.set(false);
        throw failure;
      }
    }
  }

  private void lookWhileWanted() {
    do {
      try {
        while (!wanted.isEmpty()) {
          List<UUID> now = List.copyOf(wanted);
          now.forEach(wanted::remove);
          read(now);
        }
      } catch (Throwable failure) {
        LOG.debug("Could not read mailboxes; trying again: {}", failure.toString());
      } finally {
        looking.set(false);
      }
    } while (!wanted.isEmpty() && looking.compareAndSet(false, true));
  }

  /** Delivers now, on this thread, the signals that have come since the last look. */
  void read(List<UUID> executions) {
    Map<UUID, Run> readers = new HashMap<>();
    Map<UUID, Long> known = new HashMap<>();
    for (UUID execution : executions) {
      Run run = runs.apply(execution);
      if (run != null) {
        readers.put(execution, run);
        known.put(execution, run.lastSignal());
      }
    }
    if (!known.isEmpty()) {
      store
          .news(known)
          .forEach((id, news) -> Objects.requireNonNull(readers.get(id)).deliver(news));
    }
  }
}
