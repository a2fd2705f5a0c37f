package dev.durable.cli.demo;

import dev.durable.Durable;
import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.console.Terminal;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.examples.order.Order;
import dev.durable.execution.ExecutionStatus;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One run of the demo, from the start of PostgreSQL to the report. */
final class Demo implements AutoCloseable {

  private static final int LOOK_MILLIS = 50;

  private final DemoOptions options;
  private final Terminal messages;
  private final DemoFolder folder;
  private final Resources resources = new Resources();
  private final EmbeddedPostgres postgres;
  private final Shop shop;

  private Demo(DemoOptions options, Terminal messages) {
    this.options = options;
    this.messages = messages;
    this.folder = new DemoFolder(options.data);
    resources.add(folder.lock());
    this.postgres = resources.add(EmbeddedPostgres.start(folder.postgres()));
    if (options.fresh) {
      forget();
    }
    this.shop = resources.add(new Shop(postgres, folder));
  }

  /** Starts PostgreSQL, or takes over the one that a killed demo left running. */
  static Demo open(DemoOptions options, Terminal messages) {
    Demo demo = new Demo(options, messages);
    messages.line(
        "@|faint PostgreSQL %d in %s%s|@"
            .formatted(
                demo.postgres.majorVersion(),
                demo.folder.postgres(),
                demo.postgres.isReused() ? ", left running by a killed process" : ""));
    return demo;
  }

  /** Processes the orders. */
  DemoReport run(OrderSource orders) {
    try {
      return process(orders);
    } catch (RuntimeException failure) {
      if (!resources.isInterrupted()) {
        throw failure;
      }
      messages.endPainting();
      messages.line("Interrupted. Run the demo again to finish its orders.");
      throw new CommandFailedException(ExitCodes.INTERRUPTED, "interrupted");
    }
  }

  private DemoReport process(OrderSource orders) {
    DemoRun run;
    Audit.Before before;
    try (Durable client = shop.client()) {
      run = choose(client, orders);
      before =
          new Audit.Before(RunHistory.of(run, client).committed(), shop.ledger().lines().size());
    }
    OtherWorkers others = resources.add(OtherWorkers.start(options.workers - 1, folder));
    Durable worker = resources.add(shop.worker("demo-" + ProcessHandle.current().pid()));
    long beganAt = System.nanoTime();
    List<Order> list = orders.file().orders();
    worker.startAll(shop.workflow(), list, (order, with) -> run.options(order, list.size(), with));
    finish(run, worker);
    Duration time = Duration.ofNanos(System.nanoTime() - beganAt);
    others.close();
    RunHistory history = RunHistory.of(run, worker);
    List<Ledger.Line> ledger = shop.ledger().lines();
    if (options.workers > 1) {
      shares(ledger.subList(before.ledgerLines(), ledger.size()));
    }
    return DemoReport.of(history, Audit.of(ledger, before, history), time);
  }

  /** An interrupted run is finished; after a finished one, the next begins. */
  private DemoRun choose(Durable client, OrderSource orders) {
    DemoRun last = DemoRun.last(client);
    int size = orders.file().orders().size();
    String what = "%,d order%s from %s".formatted(size, size == 1 ? "" : "s", orders.name());
    if (last == null) {
      messages.line("Run 1: " + what);
      return new DemoRun(1);
    }
    Counts counts = last.counts(client);
    int all = Math.max(counts.total(), last.size(client));
    if (counts.done() >= all) {
      messages.line("@|faint Run %d is finished; --fresh forgets it.|@".formatted(last.number()));
      messages.line("Run %d: %s".formatted(last.number() + 1, what));
      return last.next();
    }
    messages.line(
        "@|bold Run %d was interrupted: %,d of %,d orders done, %d in flight, %d not begun.|@"
            .formatted(
                last.number(),
                counts.done(),
                all,
                counts.inFlight(),
                all - counts.done() - counts.inFlight()));
    int owned = counts.of(ExecutionStatus.RUNNING);
    messages.line(
        "Finishing it."
            + (owned == 0
                ? ""
                : " @|faint %d orders still belong to a dead worker, for at most %d s.|@"
                    .formatted(owned, Shop.LEASE.toSeconds())));
    return last;
  }

  private void finish(DemoRun run, Durable worker) {
    Counts counts = run.counts(worker);
    int total = counts.total();
    int completedBefore = counts.of(ExecutionStatus.COMPLETED);
    DemoProgress progress = new DemoProgress(messages, total);
    while (counts.done() < total) {
      progress.show(counts);
      int completed = counts.of(ExecutionStatus.COMPLETED) - completedBefore;
      if (options.crashAfter != null && completed >= options.crashAfter) {
        progress.end(counts);
        crash(counts);
      }
      pause();
      counts = run.counts(worker);
    }
    progress.end(counts);
    if (options.crashAfter != null) {
      messages.line("No crash: the run ended before " + options.crashAfter + " orders completed.");
    }
  }

  private void crash(Counts counts) {
    messages.line(
        "@|red,bold Crash:|@ halting with %d orders in flight, as kill -9 would (exit code %d)."
            .formatted(counts.inFlight(), ExitCodes.KILLED));
    messages.line("Run the demo again without --crash-after to finish them.");
    Runtime.getRuntime().halt(ExitCodes.KILLED);
  }

  /** Prints the number of bodies that each worker ran, by the ledger. */
  private void shares(List<Ledger.Line> ledger) {
    Map<Long, Long> byProcess = new TreeMap<>();
    for (Ledger.Line line : ledger) {
      if (line.event() == Ledger.Event.BEGIN) {
        byProcess.merge(line.pid(), 1L, Long::sum);
      }
    }
    byProcess.forEach(
        (pid, bodies) ->
            messages.line(
                "  worker %d%s ran %,d step bodies"
                    .formatted(
                        pid, pid == ProcessHandle.current().pid() ? " (this one)" : "", bodies)));
  }

  private void forget() {
    try (Connection connection = postgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("drop schema if exists durable cascade");
    } catch (SQLException refused) {
      throw new IllegalStateException("Cannot drop the schema of earlier runs", refused);
    }
    folder.deleteLogs();
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
  }

  @Override
  public void close() {
    resources.close();
  }
}
