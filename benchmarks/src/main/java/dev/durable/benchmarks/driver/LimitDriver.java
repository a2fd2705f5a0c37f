package dev.durable.benchmarks.driver;

import dev.durable.migration.DurableMigration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * No engine at all: the rows that the engine writes, in the same tables with the same indexes,
 * group-committed by as many writers in batches of the same size. What no engine on this design can
 * beat.
 *
 * <p>It does less than an engine: it locks and checks no owner, decodes nothing, and knows
 * beforehand what it will write. It leaves nothing out that is a row: a start, a row for each step,
 * an end (in one commit with the last step), each after the commit of the one before.
 *
 * <p>As {@code guarded} it does the same with the statements of the engine. What lies between the
 * two is the price of the guards; what lies between that and the engine is the engine itself.
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

  /** One execution. Its next row is offered by the writer that committed the one before. */
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
