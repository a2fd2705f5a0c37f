package dev.durable.crash;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One story, cut off at one place in one way, and brought to its end by the workers that are left.
 */
final class CrashCase {

  private static final int CALLERS_TRIES = 5;

  private final Story story;
  private final Fault fault;
  private final HikariDataSource pool;
  private final Ledger ledger;
  private final String name;
  private final Outcome outcome;
  private final FaultyDataSource data;
  private final Victim first;
  private @Nullable Victim second;

  CrashCase(
      Story story,
      Fault fault,
      TestDatabase db,
      HikariDataSource pool,
      Durable client,
      int number) {
    this.story = story;
    this.fault = fault;
    this.pool = pool;
    this.name = story.name().toLowerCase(Locale.ROOT) + "-" + number;
    this.ledger = new Ledger(db);
    this.outcome = new Outcome(db, client, ledger, name);
    this.data = new FaultyDataSource(pool);
    this.first = new Victim(data, ledger, story, name);
  }

  /** Descriptions of failures; empty if all is well. */
  List<String> run() {
    List<String> wrong = new ArrayList<>();
    try {
      bringToTheEnd();
      story.check(outcome);
    } catch (RuntimeException | AssertionError failure) {
      wrong.add(failure.toString());
    } finally {
      bury();
    }
    wrong.addAll(ledger.offences());
    if (!wrong.isEmpty()) {
      wrong.add("hit: " + data.hit());
      wrong.add("history: " + outcome.history());
    }
    return wrong;
  }

  /** How many statements and commits its first process sent. */
  int count() {
    return data.count();
  }

  private void bringToTheEnd() {
    CompletableFuture<Boolean> driving = new CompletableFuture<>();
    Thread.startVirtualThread(() -> driving.complete(drive()));
    outcome.await("answer or crash", () -> driving.isDone() || data.isDead());
    // The callers of a dead process die with it.
    boolean answered = driving.getNow(false);
    if (fault.fatal() && answered && !story.endsTheProcess()) {
      outcome.await("crash or end", () -> data.isDead() || outcome.isOver());
    }
    if (data.isDead() || !first.isUp() || story.endsTheProcess()) {
      Victim successor = new Victim(new FaultyDataSource(pool), ledger, story, name);
      second = successor;
      successor.start();
      if (!answered) {
        insist(successor);
      }
    } else if (!answered) {
      insist(first);
    }
    outcome.await("the end", outcome::isOver);
  }

  /** False if its caller got no answer. */
  private boolean drive() {
    try {
      if (story.armsBeforeStartup()) {
        data.arm(fault);
      }
      Durable durable = first.start();
      if (!story.armsBeforeStartup()) {
        data.arm(fault);
      }
      story.drive(durable, first, outcome);
      return true;
    } catch (DurableException | IllegalStateException unanswered) {
      return false;
    } catch (RuntimeException | AssertionError failure) {
      if (!data.isDead()) {
        ledger.offence("the caller got " + failure);
      }
      return false;
    }
  }

  /** The caller does not give up. */
  private void insist(Victim victim) {
    for (int attempt = 1; ; attempt++) {
      try {
        story.goOn(victim.durable(), victim, outcome);
        return;
      } catch (DurableException unanswered) {
        if (attempt == CALLERS_TRIES) {
          throw unanswered;
        }
      }
    }
  }

  private void bury() {
    first.bury();
    Victim successor = second;
    if (successor != null) {
      successor.bury();
    }
  }
}
