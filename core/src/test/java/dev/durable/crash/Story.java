package dev.durable.crash;

import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.StartOptions;
import dev.durable.execution.ExecutionStatus;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * A use of the engine, and the outcome it must have wherever the process is cut off. Works on one
 * execution of a workflow of its own.
 */
public interface Story {

  /** Its name. */
  String name();

  /** Three steps. */
  default Workflow<String, String> define(String name, Victim victim) {
    return Workflow.define(name, String.class, with -> with.queue(name))
        .step("one", (text, step) -> victim.enter(text, "one", step) + "1")
        .step("two", (text, step) -> victim.enter(text, "two", step) + "2")
        .step("three", (text, step) -> victim.enter(text, "three", step) + "3")
        .build();
  }

  /** Other workflows that it needs. */
  default Workflow<?, ?>[] others(String name, Victim victim) {
    return new Workflow<?, ?>[0];
  }

  /** Further settings of the engine. */
  default DurableBuilder prepare(DurableBuilder builder, DataSource data) {
    return builder;
  }

  default StartOptions options(StartOptions with) {
    return with.key("the one");
  }

  default Duration showRunningAfter() {
    return Duration.ofSeconds(5);
  }

  default boolean armsBeforeStartup() {
    return false;
  }

  /**
   * Whether the engine is closed at the end of its part, so that another must go on in any case.
   */
  default boolean endsTheProcess() {
    return false;
  }

  /** The work of the process, which may be cut off anywhere. */
  default void drive(Durable durable, Victim victim, Outcome outcome) {
    Consumer<? super StartOptions> with = this::options;
    durable.start(victim.workflow, "0", with);
  }

  /** The retry of a caller without an answer: the same call again, with the same key. */
  default void goOn(Durable durable, Victim victim, Outcome outcome) {
    drive(durable, victim, outcome);
  }

  /** The conditions that must hold in the end. */
  default void check(Outcome outcome) {
    outcome.expect("status", outcome.execution().status(), ExecutionStatus.COMPLETED);
    outcome.expect("result", outcome.execution().output(), "\"0123\"");
  }

  /** Whether a body waits until the history shows it as running. */
  default boolean awaitsShown() {
    return false;
  }
}
