package dev.durable.deploy;

import dev.durable.question.Question;
import dev.durable.retry.RetryPolicy;
import dev.durable.wait.Event;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.Parallel;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Makes workflows of definitions that are data; their bodies write down what they do. */
final class Bodies {

  private static final RetryPolicy LATER = RetryPolicy.constant(Duration.ofHours(1));
  private static final Event<Integer> CHILD = Event.of("child", Integer.class);

  private final Rests rests;
  private final Host host;

  /**
   * @param host what the bodies run in
   */
  Bodies(Rests rests, Host host) {
    this.rests = rests;
    this.host = host;
  }

  /** The worker that bodies run in. */
  interface Host {
    /** A body has come to where it is to rest. */
    void rest(AttemptContext<?> step) throws InterruptedException;
  }

  /** A workflow that waits until its end is allowed. */
  static Workflow<Integer, Integer> child(String name) {
    return Workflow.define(name, Integer.class).await("c", CHILD, (n, come) -> n).build();
  }

  Workflow<Integer, Integer> workflow(String name, List<Part> parts) {
    return path(Workflow.define(name, Integer.class), parts).build();
  }

  private WorkflowBuilder<Integer, Integer> path(
      WorkflowBuilder<Integer, Integer> path, List<Part> parts) {
    WorkflowBuilder<Integer, Integer> longer = path;
    for (Part part : parts) {
      longer = add(longer, part);
    }
    return longer;
  }

  private WorkflowBuilder<Integer, Integer> add(WorkflowBuilder<Integer, Integer> path, Part part) {
    return switch (part) {
      case Part.Step step -> path.step(step.name(), (n, in) -> body(n, in, step), w -> later(w));
      case Part.Transaction step ->
          path.transaction(step.name(), (n, in) -> body(n, in, step), w -> w.retry(LATER));
      case Part.Effects step ->
          path.step(
              step.name(),
              (n, in) -> effects(n, in, step),
              w -> {
                later(w);
                undone(w, step);
              });
      case Part.Await wait ->
          path.await(wait.name(), Event.of(wait.event(), wait.type()), (n, come) -> n);
      case Part.Ask question ->
          question.approval()
              ? path.ask(question.name(), n -> Question.approval("OK?"), (n, answer) -> n)
              : path.ask(question.name(), n -> Question.text("Why?"), (n, answer) -> n);
      case Part.Call call -> path.call(call.name(), child(call.child()), n -> n, (n, end) -> n);
      case Part.Branch branch -> branch(path, branch);
      case Part.Parallel parallel -> path.parallel(parallel.name(), par -> paths(par, parallel));
      case Part.ForEach each ->
          path.forEach(
              each.name(),
              Integer.class,
              n -> IntStream.range(0, Part.ForEach.ITEMS).boxed().toList(),
              p -> path(p, each.path()),
              w -> {});
      case Part.Fail fail -> path.step(fail.name(), n -> fail(), w -> w.retry(RetryPolicy.none()));
    };
  }

  private static void later(StepOptions<Integer, Integer> with) {
    with.retry(LATER);
  }

  private void undone(StepOptions<Integer, Integer> with, Part.Effects step) {
    if (!step.undo().isEmpty()) {
      with.compensate(
          step.undo(), (n, in) -> rests.did(in.execution().id(), step.undo() + " " + step.does()));
    }
  }

  private WorkflowBuilder<Integer, Integer> branch(
      WorkflowBuilder<Integer, Integer> path, Part.Branch branch) {
    return path.branch(
        branch.name(),
        n -> true,
        cases -> {
          if (!branch.first().isEmpty()) {
            cases.when(true, p -> path(p, branch.first()));
          }
          cases.otherwise(p -> path(p, branch.other()));
        });
  }

  private Parallel.Joined<Integer, Integer> paths(
      Parallel<Integer, Integer> par, Part.Parallel parallel) {
    for (Part.Path one : parallel.paths()) {
      par.path(one.name(), Integer.class, p -> path(p, one.parts()));
    }
    return par.join((n, results) -> n);
  }

  private static int fail() {
    throw new IllegalStateException("all is to be undone");
  }

  private int body(int n, AttemptContext<Integer> in, Part part) throws InterruptedException {
    restIfAt(in, in.path());
    rests.did(in.execution().id(), Model.word(part, in.path()));
    return n;
  }

  private int effects(int n, StepContext<Integer> in, Part.Effects part) throws Exception {
    restIfAt(in, in.path());
    for (String effect : part.effects()) {
      String what = Model.word(part.does() + "." + effect, in.path());
      in.run(
          effect,
          Integer.class,
          () -> {
            rests.did(in.execution().id(), what);
            return n;
          });
    }
    restIfAt(in, in.path() + "!");
    rests.did(in.execution().id(), Model.word(part, in.path()));
    return n;
  }

  private void restIfAt(AttemptContext<Integer> in, String position) throws InterruptedException {
    if (rests.isAt(in.execution().id(), position)) {
      host.rest(in);
    }
  }
}
