package dev.durable.fault;

import dev.durable.workflow.StepBody;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;

/** Workflows that end in a parallel of two branches. */
final class TwoBranches {

  private TwoBranches() {}

  /** Adds a parallel of two branches. */
  static Workflow<String, String> both(
      WorkflowBuilder<String, String> before,
      StepBody<String, String, String> one,
      StepBody<String, String, String> two) {
    return before
        .parallel(
            "both",
            String.class,
            parallel -> {
              parallel.step("one", String.class, one);
              parallel.step("two", String.class, two);
              return parallel.join((text, results) -> text + "!");
            })
        .build();
  }
}
