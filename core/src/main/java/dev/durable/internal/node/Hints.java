package dev.durable.internal.node;

import dev.durable.internal.service.Complaints;
import dev.durable.internal.store.Database;
import dev.durable.internal.store.Hint;
import dev.durable.internal.store.Listener;
import dev.durable.internal.store.Sql;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for hints of other nodes: {@code q<queue>} for new work, {@code c<id>:<token>} for a
 * cancelled execution, {@code e<id>} for one that something has been sent to.
 */
final class Hints {

  private static final Logger LOG = LoggerFactory.getLogger(Hints.class);
  private static final int LISTEN_MILLIS = 100;
  private static final long PAUSE_MILLIS = 1_000;

  private final Database database;
  private final Sql sql;
  private final Slots slots;
  private final Claimer claimer;
  private final Workload workload;
  private final Complaints complaints = new Complaints(LOG);
  private volatile boolean stopped;
  private @Nullable Thread thread;

  Hints(Database database, Sql sql, Slots slots, Claimer claimer, Workload workload) {
    this.database = database;
    this.sql = sql;
    this.slots = slots;
    this.claimer = claimer;
    this.workload = workload;
  }

  void start(String name) {
    thread = Thread.ofPlatform().name(name + "-hints").daemon().start(this::run);
  }

  void stop() {
    stopped = true;
    try {
      if (thread != null) {
        thread.interrupt();
        thread.join(PAUSE_MILLIS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!stopped) {
      try (Listener listener = Listener.open(database, sql)) {
        if (listener == null) {
          LOG.info("The DataSource does not give out pgjdbc connections: no hints, only polling");
          return;
        }
        claimer.look();
        while (!stopped) {
          for (String hint : listener.await(LISTEN_MILLIS)) {
            take(hint);
          }
        }
      } catch (Throwable failure) {
        if (!stopped) {
          complaints.log("Lost the connection for hints; polling goes on", failure);
          pause();
        }
      }
    }
  }

  private void take(@Nullable String payload) {
    switch (Hint.of(payload)) {
      case Hint.Lost(var owner) -> workload.abandon(owner, "it was cancelled");
      case Hint.Signal(var execution) -> workload.signalled(execution);
      case Hint.Work(var queue) -> {
        if (slots.serves(queue)) {
          claimer.look();
        }
      }
      case null -> LOG.debug("Skipped a hint that cannot be read: {}", payload);
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException interrupted) {
      // stop() sets the flag that ends the loop.
    }
  }
}
