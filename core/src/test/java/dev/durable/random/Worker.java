package dev.durable.random;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.testing.TestDatabase;
import dev.durable.values.Codecs;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An engine with a pool of its own, which stands for a process that can be killed. */
final class Worker {

  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final int POOL = 12;

  private final TestDatabase db;
  private final String name = "worker-" + NUMBER.incrementAndGet();
  private final HikariDataSource pool;
  private final Takeover takeover;
  private final List<Workflow<Value, Value>> programs = new ArrayList<>();
  private volatile boolean dead;
  private volatile boolean over;
  private @Nullable Durable durable;

  /**
   * @param takeover how it ends
   */
  Worker(TestDatabase db, Takeover takeover) {
    this.db = db;
    this.takeover = takeover;
    this.pool = db.newPool(POOL);
  }

  /** Begins to work on programs. */
  void start(Codecs codec, List<Program> all, Ledger ledger) {
    List<Workflow<?, ?>> registered = new ArrayList<>();
    for (Program program : all) {
      List<Workflow<Value, Value>> workflows = new Interpreter(program, this, ledger).workflows();
      programs.add(workflows.getFirst());
      registered.addAll(workflows);
    }
    durable =
        Durable.on(pool)
            .codec(codec.codec())
            .register(registered.toArray(Workflow<?, ?>[]::new))
            .worker(
                w ->
                    w.pollInterval(Duration.ofMillis(100))
                        .drainTime(
                            takeover.end() == Takeover.End.INTERRUPTED
                                ? Duration.ZERO
                                : Duration.ofSeconds(5))
                        .maxRecoveries(100)
                        .name(name))
            .startWorker();
  }

  /** The workflows of the programs, in their order. */
  List<Workflow<Value, Value>> programs() {
    return programs;
  }

  /** An effect is being done, after so many others. A process that is killed goes no further. */
  void reached(int effects) {
    if (effects == takeover.afterEffects()) {
      if (takeover.end() == Takeover.End.KILLED) {
        // Before its bodies are thrown out: that must not get through to the database.
        pool.close();
        dead = true;
      }
      over = true;
    }
    requireAlive();
  }

  /** In a dead process nothing runs any more: the thread is thrown out. */
  void requireAlive() {
    if (dead) {
      throw new DeadProcessError();
    }
  }

  /** Whether another one is to take over. */
  boolean isOver() {
    return over;
  }

  /** Leaves what it has to others. */
  void end() {
    Durable left = durable;
    if (left == null) {
      return;
    }
    if (dead) {
      // As if the lease had run out.
      db.expireLease(name);
      Thread.startVirtualThread(left::close);
    } else {
      left.close();
      pool.close();
    }
  }

  private static final class DeadProcessError extends Error {
    private static final long serialVersionUID = 1L;

    DeadProcessError() {
      super("killed", null, false, false);
    }
  }
}
