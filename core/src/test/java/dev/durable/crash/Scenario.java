package dev.durable.crash;

import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.StartOptions;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * A use of the engine, and the outcome it must have wherever the process is cut off. Each of them
 * works on one execution of a workflow of its own.
 */
public enum Scenario implements Story {
  LINEAR,

  /** The cut may come from the very first statement of the engine. */
  STARTUP {
    @Override
    public boolean armsBeforeStartup() {
      return true;
    }
  },

  /** The second step fails twice, and is tried again after a while. */
  RETRY_WITH_BACKOFF {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return Workflow.define(name, String.class, with -> with.queue(name))
          .step("one", (text, step) -> victim.enter(text, "one", step) + "1")
          .step(
              "two",
              (text, step) -> {
                victim.enter(text, "two", step);
                if (victim.ledger.failures(step.execution().id(), "two") < 2) {
                  throw new IllegalStateException("not yet");
                }
                return text + "2";
              },
              with -> with.retry(RetryPolicy.constant(Duration.ofMillis(30))))
          .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
          .build();
    }

    @Override
    public void check(Outcome outcome) {
      super.check(outcome);
      outcome.expect("two: failed attempts", outcome.failures("two"), 2L);
    }
  },

  /** The second step writes to the user's table and commits together with its checkpoint. */
  TRANSACTION {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return transactional(name, victim);
    }

    @Override
    public void check(Outcome outcome) {
      super.check(outcome);
      outcome.expect("G5: transfers", outcome.transfers(), 1L);
    }
  },

  /** The same, where its attempt has been shown as running before it commits. */
  SHOWN_TRANSACTION {
    @Override
    public boolean awaitsShown() {
      return true;
    }

    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return transactional(name, victim);
    }

    @Override
    public Duration showRunningAfter() {
      return Duration.ofMillis(4);
    }

    @Override
    public void check(Outcome outcome) {
      super.check(outcome);
      outcome.expect("G5: transfers", outcome.transfers(), 1L);
    }
  },

  /** The second step has three effects of its own. */
  EFFECTS {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return Workflow.define(name, String.class, with -> with.queue(name))
          .step("one", (text, step) -> victim.enter(text, "one", step) + "1")
          .step(
              "two",
              (text, step) -> {
                victim.enter(text, "two", step);
                for (String effect : List.of("a", "b", "c")) {
                  step.run(effect, String.class, () -> victim.enter(text, "two/" + effect, step));
                }
                return text + "2";
              })
          .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
          .build();
    }
  },

  /** An effect of the second step fails twice, and is tried again in place after a while. */
  EFFECT_RETRIES {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return Workflow.define(name, String.class, with -> with.queue(name))
          .step("one", (text, step) -> victim.enter(text, "one", step) + "1")
          .step(
              "two",
              (text, step) -> {
                step.run("a", String.class, () -> victim.enter(text, "two/a", step));
                return step.run(
                    "b",
                    String.class,
                    () -> {
                      victim.enter(text, "two/b", step);
                      if (victim.ledger.failures(step.execution().id(), "two/b") < 2) {
                        throw new IllegalStateException("not yet");
                      }
                      return text + "2";
                    },
                    with -> with.retry(RetryPolicy.constant(Duration.ofMillis(30))));
              })
          .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
          .build();
    }

    @Override
    public void check(Outcome outcome) {
      super.check(outcome);
      outcome.expect("two/b: failed attempts", outcome.failures("two/b"), 2L);
      outcome.expect("two: failed attempts", outcome.failures("two"), 0L);
    }
  },

  /** An effect of the second step writes to the user's table and commits together with its row. */
  EFFECT_TRANSACTION {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return Workflow.define(name, String.class, with -> with.queue(name))
          .step("one", (text, step) -> victim.enter(text, "one", step) + "1")
          .step(
              "two",
              (text, step) -> {
                String done =
                    step.transaction(
                        "a",
                        String.class,
                        tx -> {
                          victim.enter(text, "two/a", tx);
                          transfer(tx);
                          return text + "2";
                        });
                step.run("b", String.class, () -> victim.enter(text, "two/b", step));
                return done;
              })
          .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
          .build();
    }

    @Override
    public void check(Outcome outcome) {
      super.check(outcome);
      outcome.expect("G5: transfers", outcome.transfers(), 1L);
    }
  },

  AT_MOST_ONCE {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return Workflow.define(name, String.class, with -> with.queue(name))
          .step("one", (text, step) -> victim.enter(text, "one", step) + "1")
          .step(
              "two", (text, step) -> victim.enter(text, "two", step) + "2", StepOptions::atMostOnce)
          .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
          .build();
    }

    @Override
    public void check(Outcome outcome) {
      outcome.expectAtMost("G4: runs of 'two'", outcome.runs("two"), 1);
      Execution execution = outcome.execution();
      boolean lost =
          execution.status() == ExecutionStatus.FAILED
              && execution.error() != null
              && execution.error().type().equals("worker_lost");
      if (!lost) {
        super.check(outcome);
      }
    }
  },

  DELAYED_START {
    @Override
    public StartOptions options(StartOptions with) {
      return super.options(with).delay(Duration.ofMillis(120));
    }
  },

  /** A body that runs until it is cancelled. */
  CANCEL {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return Workflow.define(name, String.class, with -> with.queue(name))
          .step("one", (text, step) -> victim.enter(text, "one", step) + "1")
          .step(
              "two",
              (text, step) -> {
                victim.enter(text, "two", step);
                victim.block();
                return text;
              })
          .build();
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      super.drive(durable, victim, outcome);
      outcome.await("body runs", () -> outcome.runs("two") > 0 || victim.data.isDead());
      cancel(durable, outcome);
    }

    @Override
    public void goOn(Durable durable, Victim victim, Outcome outcome) {
      super.drive(durable, victim, outcome);
      cancel(durable, outcome);
    }

    private void cancel(Durable durable, Outcome outcome) {
      try {
        durable.cancel(outcome.execution().id(), "no longer wanted");
      } catch (ExecutionStateException already) {
        // The answer to the first cancel was lost.
        outcome.expect("status", already.getMessage().contains("cancelled"), true);
      }
    }

    @Override
    public void check(Outcome outcome) {
      outcome.expect("status", outcome.execution().status(), ExecutionStatus.CANCELLED);
    }
  },

  /** The second step fails until it has been mended; an operator retries. */
  OPERATOR_RETRY {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return Workflow.define(name, String.class, with -> with.queue(name))
          .step("one", (text, step) -> victim.enter(text, "one", step) + "1")
          .step(
              "two",
              (text, step) -> {
                victim.enter(text, "two", step);
                if (victim.ledger.failures(step.execution().id(), "two") < 1) {
                  throw new IllegalStateException("broken");
                }
                return text + "2";
              })
          .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
          .build();
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      super.drive(durable, victim, outcome);
      outcome.await("an end", () -> victim.data.isDead() || outcome.isOver());
      if (victim.data.isDead()) {
        throw new DurableException("killed before anybody could retry");
      }
      retry(durable, outcome);
    }

    @Override
    public void goOn(Durable durable, Victim victim, Outcome outcome) {
      super.drive(durable, victim, outcome);
      outcome.await("an end", outcome::isOver);
      retry(durable, outcome);
    }

    private void retry(Durable durable, Outcome outcome) {
      if (outcome.hasStarted() && outcome.execution().status() == ExecutionStatus.FAILED) {
        durable.retry(outcome.execution().id());
      }
    }
  },

  /** The process is closed while its execution runs. */
  DRAIN {
    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      super.drive(durable, victim, outcome);
      durable.close();
    }

    @Override
    public void goOn(Durable durable, Victim victim, Outcome outcome) {
      super.drive(durable, victim, outcome);
    }

    @Override
    public boolean endsTheProcess() {
      return true;
    }
  };

  private static Workflow<String, String> transactional(String name, Victim victim) {
    return Workflow.define(name, String.class, with -> with.queue(name))
        .step("one", (text, step) -> victim.enter(text, "one", step) + "1")
        .transaction(
            "two",
            (text, tx) -> {
              victim.enter(text, "two", tx);
              transfer(tx);
              victim.whileShown(tx);
              return text + "2";
            })
        .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
        .build();
  }

  private static void transfer(TransactionContext<?> tx) throws SQLException {
    try (PreparedStatement insert =
        tx.connection().prepareStatement("insert into transfers values (?, ?)")) {
      insert.setObject(1, tx.execution().id());
      insert.setString(2, tx.path());
      insert.executeUpdate();
    }
  }
}
