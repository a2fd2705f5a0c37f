package dev.durable.crash;

import static java.time.Duration.ofMillis;

import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.Decision;
import dev.durable.workflow.ForEachOptions;
import dev.durable.workflow.Parallel;
import dev.durable.workflow.ParallelOptions;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The engine's workflow of a plan. */
final class PlanDefinition {

  private static final TypeRef<Integer> NUMBER = TypeRef.of(Integer.class);

  private final Bodies bodies;

  /** The reports of bodies. */
  interface Bodies {
    /** A step's body begins. */
    void begins(StepContext<?> step);

    /** A compensation begins. */
    void undoes(AttemptContext<?> undo);

    /** How many attempts of this step have failed so far. */
    long failures(StepContext<?> step);
  }

  private PlanDefinition(Bodies bodies) {
    this.bodies = bodies;
  }

  static Workflow<String, String> of(String name, Plan.Path path, Bodies bodies) {
    WorkflowBuilder<String, Integer> begun =
        Workflow.define(name, String.class, with -> with.queue(name))
            .step("parse", Integer.class, text -> Integer.valueOf(text));
    return new PlanDefinition(bodies)
        .add(begun, path)
        .step("text", String.class, n -> n.toString())
        .build();
  }

  private WorkflowBuilder<String, Integer> add(
      WorkflowBuilder<String, Integer> builder, Plan.Path path) {
    WorkflowBuilder<String, Integer> longer = builder;
    for (Plan node : path.nodes()) {
      longer = add(longer, node);
    }
    return longer;
  }

  private WorkflowBuilder<String, Integer> add(
      WorkflowBuilder<String, Integer> builder, Plan node) {
    return switch (node) {
      case Plan.Step step ->
          builder.step(step.name(), (n, context) -> run(step, n, context), w -> with(step, w));
      case Plan.Decide(String name, String target) ->
          builder.decide(
              name,
              target.isEmpty() ? List.of() : List.of(target),
              n -> !target.isEmpty() && n % 2 == 0 ? Decision.goTo(target) : Decision.next());
      case Plan.Branch branch ->
          builder.branch(
              branch.name(),
              n -> n % 2 == 0,
              cases ->
                  cases
                      .when(true, path -> add(path, branch.even()))
                      .when(false, path -> add(path, branch.odd())));
      case Plan.Parallel parallel ->
          builder.parallel(
              parallel.name(), par -> parallel(par, parallel), w -> policy(w, parallel));
      case Plan.ForEach forEach ->
          builder.forEach(
              forEach.name(),
              Integer.class,
              n -> IntStream.range(n, n + forEach.items()).boxed().toList(),
              path -> add(path, forEach.path()),
              (n, results) -> sum(results.outcomes()),
              w -> policy(w, forEach));
      case Plan.Repeat repeat ->
          builder.repeatUntil(
              repeat.name(),
              n -> n % 2 == 0,
              path -> add(path, repeat.path()),
              with -> with.atMost(repeat.rounds()));
    };
  }

  private int run(Plan.Step step, int number, StepContext<?> context) {
    bodies.begins(context);
    if (bodies.failures(context) < step.failures()) {
      throw new IllegalStateException("not yet");
    }
    return Interpretation.step(number, step.name());
  }

  private void with(Plan.Step step, StepOptions<Integer, Integer> options) {
    options.retry(
        RetryPolicy.constant(ofMillis(step.name().hashCode() % 2 * 5L))
            .maxAttempts(step.attempts()));
    if (step.undone()) {
      options.compensate("undo", (n, context) -> bodies.undoes(context));
    }
  }

  private Parallel.Joined<Integer, Integer> parallel(
      Parallel<String, Integer> par, Plan.Parallel parallel) {
    List<BranchRef<Integer>> branches = new ArrayList<>();
    for (int i = 0; i < parallel.branches().size(); i++) {
      Plan.Path branch = parallel.branches().get(i);
      branches.add(par.path("b" + i, NUMBER, path -> add(path, branch)));
    }
    return par.join((n, results) -> sum(branches.stream().map(results::outcome).toList()));
  }

  private static void policy(ParallelOptions<Integer> options, Plan.Parallel parallel) {
    if (parallel.policy() == Plan.Policy.COMPLETE_ALL) {
      options.completeAll();
    }
  }

  private static void policy(ForEachOptions<Integer> options, Plan.ForEach forEach) {
    options.concurrency(forEach.concurrency());
    if (forEach.policy() == Plan.Policy.COMPLETE_ALL) {
      options.completeAll();
    }
  }

  private static int sum(List<BranchOutcome<Integer>> outcomes) {
    int sum = 0;
    for (BranchOutcome<Integer> outcome : outcomes) {
      sum += outcome instanceof BranchOutcome.Completed<Integer>(Integer value) ? value : 1;
    }
    return sum;
  }
}
