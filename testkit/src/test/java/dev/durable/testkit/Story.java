package dev.durable.testkit;

import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.function.Supplier;

/** A workflow, its input, and what comes from outside. */
record Story<I>(
    String name,
    Supplier<Workflow<I, ?>> workflow,
    I input,
    Acts acts,
    List<Workflow<?, ?>> others) {

  static <I> Story<I> of(
      String name, Supplier<Workflow<I, ?>> workflow, I input, Workflow<?, ?>... others) {
    return new Story<>(name, workflow, input, new Acts(), List.of(others));
  }

  Story<I> with(Acts outside) {
    return new Story<>(name, workflow, input, outside, others);
  }
}
