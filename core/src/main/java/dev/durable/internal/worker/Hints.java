package dev.durable.internal.worker;

import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintListener;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.journal.Hint;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for hints of other workers and of callers: {@code q<queue>} for new work, {@code
 * f<queue>} for a free place in a limited queue, {@code c<id>:<token>} for a cancelled execution,
 * {@code e<id>} for an execution with a new event or answer, {@code s*} for changed schedules.
 */
final class Hints {

  private static final Logger LOG = LoggerFactory.getLogger(Hints.class);
  private static final int LISTEN_MILLIS = 100;
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final Database database;
  private final Schema schema;
  private final Slots slots;
  private final Claimer claimer;
  private final Workload workload;
  private final Runnable schedules;
  private @Nullable HintListener listener;
  private @Nullable ServiceThread thread;

  /**
   * @param schedules is called when schedules may have changed
   */
  Hints(
      Database database,
      Schema schema,
      Slots slots,
      Claimer claimer,
      Workload workload,
      Runnable schedules) {
    this.database = database;
    this.schema = schema;
    this.slots = slots;
    this.claimer = claimer;
    this.workload = workload;
    this.schedules = schedules;
  }

  void start(Services services) {
    thread = services.start("hints", this::round, this::close);
  }

  void stop() {
    ServiceThread started = thread;
    if (started != null) {
      started.stop();
      started.interrupt();
      started.join(FAREWELL);
    }
  }

  /** Without its connection only time is lost: polling continues. */
  private boolean round(ServiceThread self) throws Exception {
    try {
      HintListener open = listener == null ? open() : listener;
      if (open == null) {
        LOG.info("The DataSource does not give out pgjdbc connections: no hints, only polling");
        return false;
      }
      self.rest();
      String[] hints = open.await(LISTEN_MILLIS);
      self.beat();
      for (String hint : hints) {
        take(hint);
      }
      return true;
    } catch (Throwable failure) {
      close();
      throw failure;
    }
  }

  private @Nullable HintListener open() throws SQLException {
    HintListener opened = HintListener.open(database, schema);
    listener = opened;
    claimer.look();
    schedules.run();
    return opened;
  }

  private void take(@Nullable String payload) {
    switch (Hint.of(payload)) {
      case Hint.Lost(var owner) -> workload.abandon(owner, "it was cancelled");
      case Hint.Signal(var execution) -> workload.signalled(execution);
      case Hint.Schedules() -> schedules.run();
      case Hint.Work(var queue) -> {
        if (slots.serves(queue)) {
          claimer.look(queue);
        }
      }
      case Hint.Place(var queue) -> {
        if (slots.isKeptBack(queue)) {
          claimer.look(queue);
        }
      }
      case null -> LOG.debug("Skipped a hint that cannot be read: {}", payload);
    }
  }

  private void close() {
    HintListener open = listener;
    listener = null;
    if (open != null) {
      try {
        open.close();
      } catch (Throwable broken) {
        LOG.debug("Could not stop listening in good order", broken);
      }
    }
  }
}
