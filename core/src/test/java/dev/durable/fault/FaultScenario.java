package dev.durable.fault;

import dev.durable.Durable;
import dev.durable.crash.Outcome;
import dev.durable.crash.Story;
import dev.durable.crash.Victim;
import dev.durable.execution.ExecutionHandle;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;

/** The state that a fault must not undo, and the callers that wait while it lasts. */
enum FaultScenario implements Story {
  /** All could be undone, and no body fails: nothing may be. */
  UNDOABLE {
    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return Workflow.define(name, String.class, with -> with.queue(name))
          .step(
              "one",
              (text, step) -> victim.enter(text, step.path(), step) + "1",
              with -> with.compensate("undo", (t, step) -> victim.enter(t, UNDONE, step)))
          .call("child", child(name, victim), t -> t, (t, result) -> result)
          .parallel(
              "both",
              par -> {
                for (String branch : List.of("a", "b")) {
                  par.step(
                      branch,
                      String.class,
                      (text, step) -> victim.enter(text, step.path(), step),
                      with -> with.compensate("undo", (t, step) -> victim.enter(t, UNDONE, step)));
                }
                return par.join((text, results) -> text);
              })
          .sleep("nap", Duration.ofMillis(30))
          .step("three", (text, step) -> victim.enter(text, step.path(), step) + "3")
          .build();
    }

    @Override
    public Workflow<?, ?>[] others(String name, Victim victim) {
      return new Workflow<?, ?>[] {child(name, victim)};
    }

    private Workflow<String, String> child(String name, Victim victim) {
      return Workflow.define(name + "-child", String.class, with -> with.queue(name))
          .step(
              "inner",
              (text, step) -> victim.enter(text, step.path(), step) + "2",
              with -> with.compensate("undo", (t, step) -> victim.enter(t, UNDONE, step)))
          .build();
    }

    @Override
    public void check(Outcome outcome) {
      super.check(outcome);
      outcome.expect("children", outcome.children(), List.of("completed"));
      outcome.expect("undone without a failure", outcome.runs(UNDONE), 0);
    }
  },

  /** Its caller waits for the result. */
  RESULT {
    @Override
    public void drive(Durable durable, Victim victim, Outcome outcome) {
      ExecutionHandle<String> handle =
          durable.start(victim.workflow, "0", with -> with.key("the one"));
      outcome.expect("answer", handle.result(LONG), "0123");
    }
  },

  /** A body that is shown as running, and goes on once it is. */
  SHOWN {
    @Override
    public boolean awaitsShown() {
      return true;
    }

    @Override
    public Duration showRunningAfter() {
      return Duration.ofMillis(4);
    }

    @Override
    public Workflow<String, String> define(String name, Victim victim) {
      return Workflow.define(name, String.class, with -> with.queue(name))
          .step(
              "one",
              (text, step) -> {
                victim.enter(text, step.path(), step);
                victim.whileShown(step);
                return text + "12";
              })
          .step("three", (text, step) -> victim.enter(text, step.path(), step) + "3")
          .build();
    }
  };

  private static final String UNDONE = "undone";
  private static final Duration LONG = Duration.ofSeconds(25);
}
