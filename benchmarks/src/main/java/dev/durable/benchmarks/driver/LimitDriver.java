package dev.durable.benchmarks.driver;

import dev.durable.migration.DurableMigration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * No engine at all: the engine's rows, in the same tables with the same indexes, group-committed by
 * as many writers in batches of the same size. No engine of this design can be faster.
 *
 * <p>It does less than an engine: it locks and checks no owner, decodes nothing, and knows all rows
 * beforehand. It leaves out no row: a start, a row for each step, an end (in one commit with the
 * last step), each after the commit of the row before.
 *
 * <p>As {@code guarded} it does the same with the statements of the engine. The difference between
 * the two is the price of the guards; the difference between {@code guarded} and the engine is the
 * price of the engine itself.
 */
public final class LimitDriver implements DirectDriver {

  static final int WRITERS = 2;
  static final int MAX_BATCH = 500;

  private final String name;
  private final BatchStatement.Opener statements;

  private LimitDriver(String name, BatchStatement.Opener statements) {
    this.name = name;
    this.statements = statements;
  }

  static LimitDriver limit() {
    return new LimitDriver("limit", LimitStatement::new);
  }

  static LimitDriver guarded() {
    return new LimitDriver("guarded", GuardedStatement::new);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("writers", WRITERS, "max_batch", MAX_BATCH);
  }

  @Override
  public Session open(Target target, Workload workload) throws Exception {
    try (var pool = target.pool(1)) {
      DurableMigration.on(pool).up();
    }
    GroupCommit commits = new GroupCommit(target, WRITERS, MAX_BATCH, statements);
    return new Session() {
      @Override
      public void execute(int number, Runnable onStep) {
        Lap lap = new Lap(commits, number, workload, onStep);
        lap.begin();
        lap.done.join();
      }

      @Override
      public void close() throws Exception {
        commits.close();
      }
    };
  }

  /** One execution. The writer that committed a row offers the next one. */
  private static final class Lap implements Runnable {
    final CompletableFuture<Void> done = new CompletableFuture<>();
    private final GroupCommit commits;
    private final UUID id = Ids.next();
    private final int number;
    private final Workload workload;
    private final Runnable onStep;
    private int passed;

    Lap(GroupCommit commits, int number, Workload workload, Runnable onStep) {
      this.commits = commits;
      this.number = number;
      this.workload = workload;
      this.onStep = onStep;
    }

    void begin() {
      commits.offer(new Row.Start(id, json(), this));
    }

    /** A row has been committed. */
    @Override
    public void run() {
      if (passed == workload.steps()) {
        done.complete(null);
        return;
      }
      onStep.run();
      int seq = passed++;
      boolean last = passed == workload.steps();
      commits.offer(new Row.Step(id, seq, json(), last, this));
    }

    private String json() {
      return Payload.json(number, passed, workload.payloadBytes());
    }
  }
}
