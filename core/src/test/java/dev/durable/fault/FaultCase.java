package dev.durable.fault;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.crash.Ledger;
import dev.durable.crash.Outcome;
import dev.durable.crash.Story;
import dev.durable.crash.Victim;
import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One story with one injection. Nothing but time may be lost. */
final class FaultCase {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);
  private static final long PAUSE_MILLIS = 50;

  private final Fault fault;
  private final Story story;
  private final Set<String> expectedCrew;
  private final TestDatabase db;
  private final HikariDataSource pool;
  private final String name;
  private final Ledger ledger;
  private final Outcome outcome;
  private final Crew crew;
  private final Sabotage sabotage;
  private final Probe probe;
  private final Victim victim;
  private long healthyAt;
  private volatile boolean answered;
  private volatile Set<String> members = Set.of();

  /**
   * @param expectedCrew the threads that an engine must have in the end
   */
  FaultCase(
      Fault fault,
      Set<String> expectedCrew,
      TestDatabase db,
      HikariDataSource pool,
      Durable client,
      int number) {
    this.fault = fault;
    this.story = fault.story();
    this.expectedCrew = expectedCrew;
    this.db = db;
    this.pool = pool;
    this.name = story.name().toLowerCase(Locale.ROOT) + "-" + number;
    this.ledger = new Ledger(db);
    this.outcome = new Outcome(db, client, ledger, name);
    this.crew = new Crew(name);
    this.sabotage = new Sabotage(fault, crew::role);
    this.probe = new Probe(name);
    this.victim = new Victim(new FaultyPool(pool, sabotage), ledger, story, name, probe.workflow());
  }

  String name() {
    return name;
  }

  /** The kinds of calls that its engine made, each with the last number. */
  List<Place> places() {
    return sabotage.places();
  }

  /** The threads of its engine at its end. */
  Set<String> members() {
    return members;
  }

  boolean isHit() {
    return sabotage.hit() != null;
  }

  /** Descriptions of failures; empty if all is well. */
  List<String> run() {
    List<String> wrong = new ArrayList<>();
    try {
      tell(wrong);
    } catch (RuntimeException | AssertionError | InterruptedException failure) {
      wrong.add(failure.toString());
    } finally {
      probe.end();
    }
    wrong.addAll(ledger.offences());
    if (!wrong.isEmpty()) {
      wrong.add("hit: " + sabotage.hit());
      wrong.add("history: " + outcome.history());
    }
    return wrong;
  }

  private void tell(List<String> wrong) throws InterruptedException {
    Thread caller = crew.startCaller(this::drive);
    caller.join(TimeUnit.NANOSECONDS.toMillis(2 * PATIENCE));
    healthyAt = System.nanoTime();
    if (!answered) {
      wrong.add(
          caller.isAlive()
              ? "the caller gets no answer: " + Crew.stack(caller)
              : "the caller has given up");
      bury(wrong);
      return;
    }
    if (story.endsTheProcess()) {
      sabotage.end();
      bury(wrong);
      goOnElsewhere();
      story.check(outcome);
      return;
    }
    outcome.await("the end", this::isOverOrGivenUp);
    if (!outcome.isOver()) {
      // It has ended in the open: another one must be able to go on.
      bury(wrong);
      goOnElsewhere();
      story.check(outcome);
      return;
    }
    sabotage.end();
    story.check(outcome);
    inspect(wrong);
    bury(wrong);
  }

  /** A worker that only has to join anew is well again before long. */
  private boolean isOverOrGivenUp() {
    if (victim.durable().health().isHealthy()) {
      healthyAt = System.nanoTime();
    }
    return outcome.isOver() || System.nanoTime() - healthyAt > PATIENCE / 3;
  }

  /** The caller does not give up while it gets exceptions that a caller may get. */
  private void drive() {
    long until = System.nanoTime() + PATIENCE;
    boolean armed = false;
    boolean driven = false;
    while (true) {
      try {
        if (!armed && story.armsBeforeStartup()) {
          sabotage.arm();
          armed = true;
        }
        if (!victim.isUp()) {
          victim.start();
        }
        if (!armed) {
          sabotage.arm();
          armed = true;
        }
        if (driven) {
          story.goOn(victim.durable(), victim, outcome);
        } else {
          driven = true;
          story.drive(victim.durable(), victim, outcome);
        }
        answered = true;
        return;
      } catch (Throwable unanswered) {
        if (!mayGet(unanswered)) {
          ledger.offence("the caller got " + unanswered);
        }
        if (unanswered instanceof AssertionError || System.nanoTime() - until > 0) {
          return;
        }
        if (victim.isUp() && story.endsTheProcess()) {
          answered = true;
          return;
        }
        pause();
      }
    }
  }

  /**
   * An exception of its own thread may reach a caller; otherwise it gets those that the API
   * promises.
   */
  private boolean mayGet(Throwable failure) {
    return failure instanceof DurableException
        || (fault.place().mayBeCallers() && Sabotage.isInjected(failure));
  }

  private static void pause() {
    // It may have been interrupted as part of the case.
    Thread.interrupted();
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException again) {
      Thread.currentThread().interrupt();
    }
  }

  private void goOnElsewhere() {
    Sabotage none = new Sabotage(Fault.none(story), crew::role);
    Victim successor = new Victim(new FaultyPool(pool, none), ledger, story, name);
    try {
      successor.start();
      story.goOn(successor.durable(), successor, outcome);
      outcome.await("the end", outcome::isOver);
    } finally {
      successor.bury();
    }
  }

  private void inspect(List<String> wrong) throws InterruptedException {
    until(() -> crew.members().containsAll(expectedCrew));
    members = crew.members();
    Set<String> missing = new TreeSet<>(expectedCrew);
    missing.removeAll(members);
    if (!missing.isEmpty()) {
      wrong.add("threads are missing: " + missing);
    }
    if (!until(() -> victim.durable().health().isHealthy())) {
      wrong.add("it stays " + victim.durable().health());
    }
    long taken = probe.taken(victim.durable());
    if (taken > 0) {
      wrong.add("slots are not free: " + taken);
    }
    if (!until(() -> unfinished().isEmpty())) {
      wrong.add("not at rest: " + unfinished());
    }
    if (sabotage.storm() > 0) {
      wrong.add("tried again without a pause: " + sabotage.storm() + " times");
    }
  }

  private List<String> unfinished() {
    return db.rows(
        "select e.workflow_name, e.status, e.locked_by is not null as owned,"
            + " n.heartbeat_at > now() - interval '2 seconds' as alive"
            + " from durable.workflow_executions e left join durable.workers n on n.id = e.locked_by"
            + " where e.queue = ? and e.status not in ('completed', 'failed', 'cancelled',"
            + " 'compensated', 'compensation_failed')",
        name);
  }

  /** Closing must end all threads of the engine. */
  private void bury(List<String> wrong) throws InterruptedException {
    Thread closing =
        crew.startCaller(
            () -> {
              if (victim.isUp()) {
                victim.durable().close();
              }
            });
    closing.join(TimeUnit.NANOSECONDS.toMillis(PATIENCE));
    if (closing.isAlive()) {
      wrong.add("close() does not return: " + Crew.stack(closing));
    } else if (!until(() -> crew.left().isEmpty())) {
      wrong.add("threads are left after close(): " + crew.left());
    }
  }

  private static boolean until(BooleanSupplier condition) throws InterruptedException {
    long until = System.nanoTime() + PATIENCE / 3;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - until > 0) {
        return false;
      }
      Thread.sleep(5);
    }
    return true;
  }
}
