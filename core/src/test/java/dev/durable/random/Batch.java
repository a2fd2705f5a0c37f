package dev.durable.random;

import static dev.durable.testing.DurableFixture.EVENTUALLY;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.TestDatabase;
import dev.durable.values.Codecs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Programs of one codec, each run twice, with few rests and with many, by workers that take over
 * from each other.
 */
final class Batch {

  private static final long PAUSE = 5_000_000;

  private final TestDatabase db;
  private final Codecs codec;
  private final List<Program> programs;
  private final List<Run> runs = new ArrayList<>();
  private final Ledger ledger = new Ledger();
  private final Deque<Takeover> takeovers;

  Batch(TestDatabase db, List<Program> programs) {
    this.db = db;
    this.programs = programs;
    this.codec = programs.getFirst().codec();
    for (Program program : programs) {
      runs.add(Run.of(runs.size() / 2, program, false));
      runs.add(Run.of(runs.size() / 2, program, true));
    }
    runs.forEach(run -> ledger.expect(run.input().runName(), run.expected()));
    int effects = runs.stream().mapToInt(run -> run.expected().surely().size()).sum();
    Random random = new Random(programs.getFirst().seed());
    this.takeovers = new ArrayDeque<>(Takeover.some(random, effects));
  }

  /** Failures, with their programs; empty if all is well. */
  List<String> run() {
    String plan = codec + ", " + takeovers;
    Watch watch = new Watch(db, programs);
    try (Durable client = Durable.on(db.dataSource()).codec(codec.codec()).build()) {
      work(client, watch);
    }
    List<String> wrong = new ArrayList<>(ledger.offences());
    wrong.addAll(watch.offences());
    wrong.addAll(db.violations());
    if (!wrong.isEmpty()) {
      wrong.add(plan);
      programs.stream()
          .filter(program -> wrong.stream().anyMatch(line -> line.contains("" + program.seed())))
          .forEach(program -> wrong.add("seed " + program.seed() + ": " + program));
    }
    return wrong;
  }

  private void work(Durable client, Watch watch) {
    Outsiders outsiders = new Outsiders(client, programs);
    Worker worker = next();
    try {
      Map<Run, ExecutionHandle<Value>> handles = new LinkedHashMap<>();
      for (Run run : runs) {
        handles.put(run, client.start(worker.programs().get(run.index()), run.input()));
      }
      long end = System.nanoTime() + EVENTUALLY.toNanos();

      while (watch.open() > 0 && System.nanoTime() < end) {
        if (worker.isOver()) {
          worker.end();
          worker = next();
        }
        outsiders.act();
        watch.look();
        LockSupport.parkNanos(PAUSE);
      }
      watch.end();
      handles.forEach((run, handle) -> run.settle(handle, ledger));
    } finally {
      worker.end();
    }
  }

  private Worker next() {

    Worker worker = new Worker(db, takeovers.isEmpty() ? Takeover.NEVER : takeovers.poll());
    worker.start(codec, programs, ledger);

    return worker;
  }
}
