package dev.durable.crash;

import dev.durable.Durable;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** An engine on a DataSource of its own, which stands for a process that can be killed. */
public final class Victim {

  /** How many executions it runs at once. */
  public static final int SLOTS = 20;

  /** How long it counts as alive without a word. */
  public static final Duration LEASE = Duration.ofMillis(900);

  /** Its way to the database. */
  public final Lifeline data;

  /** Where its bodies report. */
  public final Ledger ledger;

  /** The workflow it works on. */
  public final Workflow<String, String> workflow;

  private final Story story;
  private final Workflow<?, ?>[] more;
  private volatile @Nullable Durable durable;

  /**
   * @param more what it can run besides the story
   */
  public Victim(Lifeline data, Ledger ledger, Story story, String name, Workflow<?, ?>... more) {
    this.data = data;
    this.ledger = ledger;
    this.story = story;
    this.more = more;
    this.workflow = story.define(name, this);
  }

  /** Starts the engine. */
  public Durable start() {
    Durable started =
        story
            .prepare(Durable.on(data.dataSource()), data.dataSource())
            .register(workflow)
            .register(story.others(workflow.name(), this))
            .register(more)
            .worker(
                w ->
                    w.queue(workflow.queue(), q -> q.concurrency(SLOTS))
                        .lease(LEASE)
                        .heartbeat(Duration.ofMillis(150))
                        .pollInterval(Duration.ofMillis(150))
                        .showRunningAfter(story.showRunningAfter())
                        .drainTime(Duration.ofMillis(500)))
            // A busy machine may cost it a lease now and then.
            .worker(w -> w.maxRecoveries(100).name(workflow.name()))
            .startWorker();
    this.durable = started;
    return started;
  }

  /** Whether it has started. */
  public boolean isUp() {
    return durable != null;
  }

  /** Its engine. */
  public Durable durable() {
    Durable started = durable;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  /**
   * A body or an effect begins. In a dead process nothing runs any more: the thread is thrown out.
   */
  public String enter(String text, String path, AttemptContext<?> step) {
    if (data.isDead()) {
      throw new DeadProcessError();
    }
    ledger.begin(step.execution().id(), path, () -> data.isDead() || step.isCancelled());
    return text;
  }

  /** Goes on once the history shows that the body runs, where the scenario wants that. */
  public void whileShown(AttemptContext<?> step) throws InterruptedException {
    while (story.awaitsShown()
        && !data.isDead()
        && !step.isCancelled()
        && !ledger.isShown(step.execution().id(), step.path())) {
      Thread.sleep(2);
    }
  }

  /** Blocks like a body that waits for an outside system. */
  public void block() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  /** Lets its threads end. Their writes do not arrive if the process is dead. */
  public void bury() {
    Durable left = durable;
    if (left != null) {
      Thread.startVirtualThread(left::close);
    }
  }

  private static final class DeadProcessError extends Error {
    private static final long serialVersionUID = 1L;

    DeadProcessError() {
      super("killed", null, false, false);
    }
  }
}
