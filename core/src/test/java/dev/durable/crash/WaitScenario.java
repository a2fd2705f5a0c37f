package dev.durable.crash;

import dev.durable.Durable;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Question;
import dev.durable.question.QuestionClosedException;
import dev.durable.wait.Event;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.List;

/** Waits of every kind. Each leads to the same result as three plain steps. */
public enum WaitScenario implements Story {
  SLEEP {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return end(victim, begin(name, victim).sleep("nap", Duration.ofMillis(40)), "2");
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      start(durable, victim);
    }
  },

  EVENT {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return end(victim, begin(name, victim).await("two", GO, (t, got) -> t + got), "");
    }
  },

  /** Sent before anybody waits for it; twice, with one key. */
  EARLY_EVENT {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return EVENT.define(name, victim);
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      start(durable, victim);
      send(durable, victim, GO, "2");
      send(durable, victim, GO, "2");
    }
  },

  /** Two at once decide a wait for all. */
  ALL_EVENTS {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return end(
          victim,
          begin(name, victim)
              .awaitAll("two", all -> all.on(GO, (t, go) -> t + go).on(ON, (t, on) -> t)),
          "");
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      super.drive(durable, victim, outcome);
      send(durable, victim, ON, "on");
    }
  },

  /** No event is sent. */
  TIMEOUT {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return end(
          victim,
          begin(name, victim)
              .await(
                  "two",
                  GO,
                  (t, got) -> "?",
                  w -> w.timeout(Duration.ofMillis(40)).onTimeout(t -> t + "2")),
          "");
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      start(durable, victim);
    }
  },

  /** A wait between two effects of one body. */
  IN_A_BODY {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return end(
          victim,
          begin(name, victim)
              .step(
                  "two",
                  (String text, StepContext<String> step) -> {
                    step.run("a", String.class, () -> victim.enter(text, "two/a", step));
                    String got = step.await(GO);
                    step.run("b", String.class, () -> victim.enter(text, "two/b", step));
                    return text + got;
                  }),
          "");
    }
  },

  /** A branch waits, beside one that works. */
  BESIDE {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return end(
          victim,
          begin(name, victim)
              .parallel(
                  "both",
                  par -> {
                    BranchRef<String> waits =
                        par.path(
                            "waits",
                            String.class,
                            path -> path.await("go", GO, (t, got) -> t + got));
                    par.step(
                        "works",
                        String.class,
                        (text, step) -> victim.enter(text, step.path(), step));
                    return par.join((text, results) -> results.get(waits));
                  }),
          "");
    }
  },

  QUESTION {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return end(
          victim,
          begin(name, victim)
              .ask("two", t -> Question.text("What is next?"), (t, answer) -> t + answer),
          "");
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      start(durable, victim);
      outcome.await("waits", () -> outcome.isWaiting() || outcome.isOver() || victim.data.isDead());
      answer(durable, outcome);
    }
  },

  /** The question is escalated, and the next person is notified once that is certain. */
  ESCALATION {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return end(
          victim,
          begin(name, victim)
              .step(
                  "ask",
                  (String text, StepContext<String> step) ->
                      text + step.ask("two", escalating(text, victim, step))),
          "");
    }

    private Question<String> escalating(String text, Victim victim, StepContext<String> step) {
      return Question.text("What is next?")
          .assignee("jane")
          .remindEvery(Duration.ofHours(1), reminder -> {})
          .escalateAfter(
              Duration.ofMillis(40), "joe", told -> victim.enter(text, ESCALATION_ROW, step));
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      start(durable, victim);
      outcome.await(
          "is escalated",
          () ->
              outcome.isOver()
                  || victim.data.isDead()
                  || (outcome.hasStarted() && outcome.assignees().equals(List.of("joe"))));
      answer(durable, outcome);
    }

    @Override
    public void check(Outcome outcome) {
      super.check(outcome);
      outcome.expect("assignees", outcome.assignees(), List.of("joe"));
      outcome.expect("told", outcome.runs(ESCALATION_ROW) > 0, true);
    }
  },

  CALL {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return end(
          victim,
          begin(name, victim).call("two", child(name, victim), t -> t, (t, result) -> result),
          "");
    }

    @Override
    public Workflow<?, ?>[] others(String name, Victim victim) {
      return new Workflow<?, ?>[] {child(name, victim)};
    }

    private Workflow<String, String> child(String name, Victim victim) {
      return Workflow.define(name + "-child", String.class, with -> with.queue(name))
          .step("inner", (t, step) -> victim.enter(t, step.path(), step) + "2")
          .build();
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      start(durable, victim);
    }

    @Override
    public void check(Outcome outcome) {
      super.check(outcome);
      outcome.expect("children", outcome.children(), List.of("completed"));
    }
  },

  /** A cancel while a child waits. */
  CANCELLED_CALL {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return begin(name, victim).call("two", child(name), t -> t, (t, result) -> result).build();
    }

    @Override
    public Workflow<?, ?>[] others(String name, Victim victim) {
      return new Workflow<?, ?>[] {child(name)};
    }

    private Workflow<String, String> child(String name) {
      return Workflow.define(name + "-child", String.class, with -> with.queue(name))
          .await("inner", GO, (t, got) -> t)
          .build();
    }

    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      start(durable, victim);
      outcome.await(
          "its child waits",
          () ->
              victim.data.isDead()
                  || outcome.isOver()
                  || (outcome.hasStarted() && outcome.children().equals(List.of("waiting"))));
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
      outcome.expect("children", outcome.children(), List.of("cancelled"));
    }
  };

  private static final Event<String> GO = Event.of("go", String.class);
  private static final String ESCALATION_ROW = "ask/two/escalation[1]";
  private static final Event<String> ON = Event.of("on", String.class);

  @Override
  public void drive(Durable durable, Victim victim, Outcome outcome) {
    start(durable, victim);
    outcome.await("waits", () -> outcome.isWaiting() || outcome.isOver() || victim.data.isDead());
    send(durable, victim, GO, "2");
  }

  private static void answer(Durable durable, Outcome outcome) {
    try {
      durable.questions().answer(outcome.execution().id(), "two", "2", "somebody");
    } catch (QuestionClosedException already) {
      // The answer to the first answer was lost.
      outcome.expect("closed", already.getMessage().contains("completed by somebody"), true);
    }
  }

  private static void start(Durable durable, Victim victim) {
    durable.start(victim.workflow, "0", with -> with.key("the one"));
  }

  private static void send(Durable durable, Victim victim, Event<String> event, String text) {
    durable.sendByKey(victim.workflow, "the one", event, text, m -> m.idempotencyKey("once"));
  }

  private static WorkflowBuilder<String, String> begin(String name, Victim victim) {
    return Workflow.define(name, String.class, with -> with.queue(name))
        .step("one", (text, step) -> victim.enter(text, step.path(), step) + "1");
  }

  private static Workflow<String, String> end(
      Victim victim, WorkflowBuilder<String, String> so, String more) {
    return so.step("three", (text, step) -> victim.enter(text, step.path(), step) + more + "3")
        .build();
  }
}
