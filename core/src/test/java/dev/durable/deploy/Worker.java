package dev.durable.deploy;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** An engine with one definition of each workflow, which can be closed or killed. */
final class Worker implements Bodies.Host, AutoCloseable {

  private static final int SLOTS = 1_000;

  /** A transaction that stands still holds one. */
  private static final int CONNECTIONS = 60;

  private final HikariDataSource pool;
  private final boolean blocks;
  private final CountDownLatch killed = new CountDownLatch(1);
  private final Set<UUID> standing = ConcurrentHashMap.newKeySet();
  private final Durable durable;

  /**
   * @param definitions by the name of the workflow
   * @param blocks whether a body that rests stands still, instead of failing until later
   */
  Worker(TestDatabase db, Rests rests, Map<String, List<Part>> definitions, boolean blocks) {
    this.pool = db.newPool(CONNECTIONS);
    this.blocks = blocks;
    Bodies bodies = new Bodies(rests, this);
    List<Workflow<?, ?>> workflows = new ArrayList<>();
    workflows.add(Bodies.child("one"));
    workflows.add(Bodies.child("two"));
    definitions.forEach((name, parts) -> workflows.add(bodies.workflow(name, parts)));
    this.durable =
        Durable.on(pool)
            .register(workflows.toArray(Workflow<?, ?>[]::new))
            .worker(
                w ->
                    w.queue("default", with -> with.concurrency(SLOTS))
                        .lease(Duration.ofSeconds(3))
                        .heartbeat(Duration.ofMillis(300))
                        .pollInterval(Duration.ofMillis(300))
                        .drainTime(Duration.ofMillis(500))
                        .maxRecoveries(100))
            .startWorker();
  }

  Durable durable() {
    return durable;
  }

  /** Whether a body of that execution stands still. */
  boolean stands(UUID execution) {
    return standing.contains(execution);
  }

  @Override
  public void rest(AttemptContext<?> step) throws InterruptedException {
    if (!blocks) {
      throw new IllegalStateException("not yet");
    }
    standing.add(step.execution().id());
    killed.await();
    throw new DeadProcessError();
  }

  private static final class DeadProcessError extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** From now on nothing of it comes to the database, as if its process had been killed. */
  void kill() {
    pool.close();
    killed.countDown();
    Thread.startVirtualThread(durable::close);
  }

  @Override
  public void close() {
    durable.close();
    pool.close();
  }
}
