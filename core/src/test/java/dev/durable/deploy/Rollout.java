package dev.durable.deploy;

import dev.durable.Durable;
import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A deploy of many edits at once: each to a workflow of its own, with executions at rest in it. */
final class Rollout {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(40);
  private static final Set<String> NEW = Set.of("new", "by/true/new", "renamed", "go", "w");

  private final TestDatabase db;
  private final Map<String, List<Part>> old = new LinkedHashMap<>();
  private final Map<String, List<Part>> edited = new LinkedHashMap<>();
  private final Map<String, String> workflows = new LinkedHashMap<>();
  private final Map<UUID, Trial> trials = new LinkedHashMap<>();
  private final Map<UUID, String> workflowOf = new HashMap<>();
  private final Rests rests = new Rests();
  private final Outside outside;
  private final List<String> wrong = new ArrayList<>();

  /** In which order versions come and go. */
  enum Order {
    /** The old worker closes before the new one starts. */
    STOP_AND_GO,
    /** The old worker moves its executions while the new one is there; then it closes. */
    ROLLING,
    /** The new worker moves what fits, and the old one comes back. */
    ROLLING_BACK,
    /** The old worker is killed while the new one is there. */
    CRASH
  }

  Rollout(TestDatabase db) {
    this.db = db;
    this.outside = new Outside(db);
    db.deleteExecutions();
    Edits.all()
        .forEach(
            (edit, parts) -> {
              String name = "w" + workflows.size();
              workflows.put(edit, name);
              old.put(name, Edits.BASE);
              edited.put(name, parts);
            });
  }

  /**
   * Brings an execution of each sample to its position, and through the deploy.
   *
   * @param samples positions by edit
   * @return what went wrong
   */
  List<String> run(Order order, Map<String, List<String>> samples) {
    switch (order) {
      case STOP_AND_GO -> {
        try (Worker before = worker(old, false)) {
          begin(before, samples);
        }
        try (Worker after = worker(edited, false)) {
          workflows.forEach((edit, name) -> start(after, edit, "fresh", edited.get(name)));
          leg(after, edited, trial -> Set.of());
        }
      }
      case ROLLING -> {
        try (Worker before = worker(old, false);
            Worker after = worker(edited, false)) {
          begin(before, withoutBodies(samples));
          leg(before, old, trial -> Set.of(trial.positions().get(1)));
          before.close();
          leg(after, edited, trial -> Set.of());
        }
      }
      case ROLLING_BACK -> {
        try (Worker before = worker(old, false)) {
          begin(before, samples);
        }
        try (Worker after = worker(edited, false)) {
          leg(after, edited, Rollout::nextOrNew);
        }
        try (Worker before = worker(old, false)) {
          leg(before, old, trial -> Set.of());
        }
      }
      case CRASH -> {
        Worker before = worker(old, true);
        try (Worker after = worker(edited, false)) {
          begin(before, samples);
          before.kill();
          leg(after, edited, trial -> Set.of());
        }
      }
    }
    return wrong;
  }

  /** Two definitions that differ in a body only are one to the engine: any worker moves either. */
  private static Map<String, List<String>> withoutBodies(Map<String, List<String>> samples) {
    Map<String, List<String>> others = new LinkedHashMap<>(samples);
    others.keySet().removeIf(edit -> edit.startsWith("an effect is "));
    return others;
  }

  private static Set<String> nextOrNew(Trial trial) {
    Set<String> stops = new HashSet<>(NEW);
    stops.addAll(trial.positions().subList(1, 2));
    return stops;
  }

  /** A path beside a body that stands still waits in memory: nothing from outside comes to it. */
  private static Set<String> withNeighbour(String position) {
    return switch (position) {
      case "par/p1/y!" -> Set.of(position, "par/p0/xw");
      case "each[0]/i" -> Set.of(position, "each[1]/iw");
      default -> Set.of(position);
    };
  }

  private Worker worker(Map<String, List<Part>> definitions, boolean blocks) {
    return new Worker(db, rests, definitions, blocks);
  }

  private void begin(Worker worker, Map<String, List<String>> samples) {
    samples.forEach(
        (edit, positions) ->
            positions.forEach(position -> start(worker, edit, position, Edits.BASE)));
    leg(worker, old, trial -> withNeighbour(trial.positions().get(0)));
  }

  private void start(Worker worker, String edit, String position, List<Part> definition) {
    String workflow = workflows.get(edit);
    UUID id = worker.durable().start(workflow, "1").id();
    trials.put(id, new Trial(id, edit, position, definition));
    workflowOf.put(id, workflow);
  }

  private interface Stops {
    Set<String> of(Trial trial);
  }

  /** All continue with these definitions, as far as their stops. */
  private void leg(Worker worker, Map<String, List<Part>> definitions, Stops stops) {
    trials.forEach(
        (id, trial) -> {
          Set<String> restsAt = stops.of(trial);
          trial.continues(definitions.get(workflowOf.get(id)), restsAt);
          rests.at(id, restsAt);
        });
    db.makeAllDue();
    settle(worker);
    Durable durable = worker.durable();
    trials.forEach(
        (id, trial) -> {
          if (!worker.stands(id)) {
            wrong.addAll(trial.wrong(durable.find(id).orElseThrow(), rests.done(id)));
          }
        });
  }

  private void settle(Worker worker) {
    long end = System.nanoTime() + PATIENCE;
    Set<UUID> moving = new HashSet<>(trials.keySet());
    while (!moving.isEmpty() && System.nanoTime() - end < 0) {
      outside.act(worker.durable(), trials);
      History history = History.of(db);
      moving.removeIf(id -> history.hasCome(trials.get(id), worker.stands(id)));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    moving.forEach(id -> wrong.add(trials.get(id) + " never came to " + trials.get(id).status()));
  }
}
