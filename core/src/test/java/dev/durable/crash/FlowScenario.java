package dev.durable.crash;

import dev.durable.Durable;
import dev.durable.execution.CompensationResult;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Decision;
import dev.durable.workflow.ForkedBranch;
import dev.durable.workflow.ForkedBranches;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import dev.durable.workflow.WorkflowOptions;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Control flow and sagas. Each leads to the same result as three plain steps, or is undone. */
public enum FlowScenario implements Story {
  /** A decision jumps over a step into a case, and another one out of that case. */
  DECIDE_AND_BRANCH {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return begin(name, victim)
          .decide(
              "jump",
              List.of("by/0/in"),
              text ->
                  victim.enter(text, "jump", AttemptContext.current()).isEmpty()
                      ? Decision.next()
                      : Decision.goTo("by/0/in"))
          .step("never", (text, step) -> text + "never")
          .branch(
              "by",
              text -> text.charAt(0),
              cases ->
                  cases
                      .when(
                          '0',
                          path ->
                              path.step("skipped", text -> text + "skipped")
                                  .step("in", (t, step) -> victim.enter(t, step.path(), step) + "2")
                                  .decide("out", List.of("three"), t -> Decision.goTo("three"))
                                  .step("late", text -> text + "late"))
                      .otherwise(path -> path.step("else", text -> text + "else")))
          .step("neither", text -> text + "neither")
          .step("three", (text, step) -> victim.enter(text, step.path(), step) + "3")
          .build();
    }
  },

  /** The second step fails for good, and its failure is handled. */
  HANDLED_FAILURE {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return begin(name, victim)
          .step(
              "two",
              (text, step) -> {
                victim.enter(text, "two", step);
                if (victim.ledger.failures(step.execution().id(), "two") > 0) {
                  victim.ledger.offence("'two' ran again after its failure was committed");
                }
                throw new IllegalStateException("broken");
              },
              with ->
                  with.onFailure(
                      (text, error) -> {
                        AttemptContext<?> step = AttemptContext.current();
                        victim.enter(text, "two", step);
                        if (victim.ledger.failures(step.execution().id(), "two") != 1) {
                          victim.ledger.offence("the failure of 'two' was not committed once");
                        }
                        return text + "2";
                      }))
          .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
          .build();
    }

    @Override
    public void check(Outcome outcome) {
      super.check(outcome);
      outcome.expect("two: failed attempts", outcome.failures("two"), 1L);
    }
  },

  /** The second step fails for good, and the workflow is tried again as a whole. */
  WORKFLOW_RETRY {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      RetryPolicy twice = RetryPolicy.constant(Duration.ofMillis(30)).maxAttempts(2);
      return Workflow.define(name, String.class, with -> with.queue(name).retryWorkflow(twice))
          .step("one", (text, step) -> victim.enter(text, step.path(), step) + "1")
          .step(
              "two",
              (text, step) -> {
                victim.enter(text, "two", step);
                if (victim.ledger.failures(step.execution().id(), "two") < 1) {
                  throw new IllegalStateException("not yet");
                }
                return text + "2";
              })
          .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
          .build();
    }

    @Override
    public void check(Outcome outcome) {
      super.check(outcome);
      outcome.expect("failed tries", outcome.failures("retry"), 1L);
    }
  },

  /** The second step saves its progress three times, and fails once in between. */
  PROGRESS {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return begin(name, victim)
          .step(
              "two",
              (text, step) -> {
                int done = step.progress(Integer.class).orElse(0);
                victim.enter(text, "two", step);
                if (victim.ledger.runs("saved " + (done + 1)) > 0) {
                  victim.ledger.offence("the progress is lost: it is only " + done);
                }
                for (int i = done + 1; i <= 3; i++) {
                  step.progress(i);
                  victim.enter(text, "saved " + i, step);
                  if (i == 2 && victim.ledger.failures(step.execution().id(), "two") < 1) {
                    throw new IllegalStateException("not yet");
                  }
                }
                return text + "2";
              },
              with -> with.retry(RetryPolicy.constant(Duration.ofMillis(30))))
          .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
          .build();
    }
  },

  /** Two branches at once, one of two steps, one that is retried after a while. */
  PARALLEL {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return begin(name, victim)
          .parallel(
              "both",
              par -> {
                BranchRef<String> a =
                    par.path(
                        "a",
                        String.class,
                        path ->
                            path.step("x", (t, step) -> victim.enter(t, step.path(), step))
                                .step("y", (t, step) -> victim.enter(t, step.path(), step) + "2"));
                par.step(
                    "b",
                    String.class,
                    (text, step) -> {
                      victim.enter(text, step.path(), step);
                      if (victim.ledger.failures(step.execution().id(), step.path()) < 1) {
                        throw new IllegalStateException("not yet");
                      }
                      return text;
                    },
                    with -> with.retry(RetryPolicy.constant(Duration.ofMillis(30))));
                return par.join((text, results) -> results.get(a));
              })
          .step("three", (text, step) -> victim.enter(text, step.path(), step) + "3")
          .build();
    }
  },

  /** Items one after the other, of two steps each. */
  FOR_EACH {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return begin(name, victim)
          .forEach(
              "each",
              String.class,
              text -> List.of("a", "b", "c"),
              each ->
                  each.step("x", (item, step) -> victim.enter(item, step.path(), step))
                      .step("y", (item, step) -> victim.enter(item, step.path(), step)),
              (text, results) -> text + (results.completed().size() - 1),
              with -> with.concurrency(2))
          .step("three", (text, step) -> victim.enter(text, step.path(), step) + "3")
          .build();
    }
  },

  /** Rounds with a pause in between. */
  REPEAT {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return begin(name, victim)
          .repeatUntil(
              "more",
              text -> text.length() > 4,
              path ->
                  path.step("x", (text, step) -> victim.enter(text, step.path(), step) + ".")
                      .step("y", (text, step) -> victim.enter(text, step.path(), step)),
              with -> with.every(Duration.ofMillis(20)))
          .step("cut", (text, step) -> victim.enter("01", step.path(), step) + "2")
          .step("three", (text, step) -> victim.enter(text, step.path(), step) + "3")
          .build();
    }
  },

  /** A body forks: into branches, one of which waits, and into items. */
  BODY_FORK {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return begin(name, victim)
          .step(
              "two",
              (String text, StepContext<String> step) -> {
                ForkedBranches<String> both = step.parallel("both");
                ForkedBranch<String> naps =
                    both.branch(
                        "naps",
                        String.class,
                        branch -> {
                          effect("two/both/naps/x", victim, branch);
                          branch.sleep("nap", Duration.ofMillis(30));
                          effect("two/both/naps/y", victim, branch);
                          return text + "2";
                        });
                both.run("other", String.class, () -> victim.enter(text, "two/both/other", step));
                both.join();
                step.forEach(
                    "each",
                    List.of("a", "b"),
                    (item, each) -> effect(each.path() + "/do", victim, each));
                return naps.get();
              })
          .step("three", (text, step) -> victim.enter(text, step.path(), step) + "3")
          .build();
    }

    private static void effect(String path, Victim victim, StepContext<String> part)
        throws Exception {
      String name = path.substring(path.lastIndexOf('/') + 1);
      part.run(name, String.class, () -> victim.enter("", path, part));
    }
  },

  /** The last step fails; the two before it, and a branch, are undone. */
  SAGA {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return saga(name, victim, with -> {})
          .step(
              "fails",
              text -> {
                throw new IllegalStateException("no");
              })
          .build();
    }

    @Override
    public void check(Outcome outcome) {
      checkUndone(outcome, List.of("both/a", "one"));
    }
  },

  /** A body fails after an effect, a transaction and more; it says itself how that is undone. */
  SAGA_IN_A_BODY {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return begin(name, victim)
          .step(
              "body",
              (text, step) -> {
                String path = step.path();
                String room =
                    step.run(
                        "room",
                        String.class,
                        () -> victim.enter(text, path + "/room", step),
                        with ->
                            with.compensate(
                                "free", (done, undo) -> victim.enter(done, undo.path(), undo)));
                step.transaction(
                    "car",
                    tx -> victim.enter(room, path + "/car", step),
                    with ->
                        with.compensate(
                            "return",
                            (none, undo) -> {
                              victim.enter(room, undo.path(), undo);
                              if (victim.ledger.failures(step.execution().id(), undo.path()) < 1) {
                                throw new IllegalStateException("not yet");
                              }
                            },
                            undo -> undo.retry(RetryPolicy.constant(Duration.ofMillis(20)))));
                step.onCompensate("tell", undo -> victim.enter(room, undo.path(), undo));
                throw new IllegalStateException("no");
              })
          .build();
    }

    @Override
    public void check(Outcome outcome) {
      checkUndone(outcome, List.of("body/tell", "body/car", "body/room"));
    }
  },

  /** The same as SAGA, because of a cancel while a body runs. */
  SAGA_ON_CANCEL {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return saga(name, victim, with -> with.compensateOn(CompensationTrigger.CANCEL))
          .step(
              "blocks",
              (text, step) -> {
                victim.enter(text, step.path(), step);
                victim.block();
                return text;
              })
          .build();
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      super.drive(durable, victim, outcome);
      outcome.await("body runs", () -> outcome.runs("blocks") > 0 || victim.data.isDead());
      cancel(durable, outcome);
    }

    @Override
    public void goOn(Durable durable, Victim victim, Outcome outcome) {
      super.drive(durable, victim, outcome);
      outcome.await("body runs", () -> outcome.runs("blocks") > 0);
      cancel(durable, outcome);
    }

    private void cancel(Durable durable, Outcome outcome) {
      try {
        durable.cancel(outcome.execution().id(), "no longer wanted");
      } catch (ExecutionStateException already) {
        // The answer to the first cancel was lost.
        outcome.expect("status", already.getMessage().contains("compensat"), true);
      }
    }

    @Override
    public void check(Outcome outcome) {
      checkUndone(outcome, List.of("both/a", "one"));
    }
  };

  private static WorkflowBuilder<String, String> begin(String name, Victim victim) {
    return Workflow.define(name, String.class, with -> with.queue(name))
        .step("one", (text, step) -> victim.enter(text, step.path(), step) + "1");
  }

  private static WorkflowBuilder<String, String> saga(
      String name, Victim victim, Consumer<WorkflowOptions> options) {
    return Workflow.define(name, String.class, with -> options.accept(with.queue(name)))
        .step(
            "one",
            (text, step) -> victim.enter(text, step.path(), step) + "1",
            with -> with.compensate("undo", (t, step) -> victim.enter(t, step.path(), step)))
        .parallel(
            "both",
            par -> {
              par.step(
                  "a",
                  String.class,
                  (text, step) -> victim.enter(text, step.path(), step),
                  with ->
                      with.compensate(
                          "undo",
                          (t, step) -> {
                            victim.enter(t, step.path(), step);
                            if (victim.ledger.failures(step.execution().id(), step.path()) < 1) {
                              throw new IllegalStateException("not yet");
                            }
                          },
                          undo -> undo.retry(RetryPolicy.constant(Duration.ofMillis(20)))));
              return par.join((text, results) -> text);
            });
  }

  private static void checkUndone(Outcome outcome, List<String> order) {
    Execution execution = outcome.execution();
    outcome.expect("G9: status", execution.status(), ExecutionStatus.COMPENSATED);
    outcome.expect(
        "G9: order",
        execution.compensations().stream().map(CompensationResult::step).toList(),
        order);
  }
}
