package dev.durable.random;

import dev.durable.question.Question;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryPolicy;
import dev.durable.wait.Event;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.ForkedBranch;
import dev.durable.workflow.ForkedBranches;
import dev.durable.workflow.Parallel;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Makes workflows of a program, for one worker; their bodies do what the program says. */
final class Interpreter {

  private static final Duration SHORT = Duration.ofMillis(1);
  private static final RetryPolicy SOON = RetryPolicy.constant(SHORT).maxAttempts(30);

  private final Worker worker;
  private final Ledger ledger;
  private final Map<Body, Workflow<Value, Value>> children = new LinkedHashMap<>();
  private final Workflow<Value, Value> workflow;

  Interpreter(Program program, Worker worker, Ledger ledger) {
    this.worker = worker;
    this.ledger = ledger;
    this.workflow = workflow(program);
  }

  /** All workflows, the program's own first. */
  List<Workflow<Value, Value>> workflows() {
    List<Workflow<Value, Value>> all = new ArrayList<>(List.of(workflow));
    all.addAll(children.values());
    return all;
  }

  private Workflow<Value, Value> workflow(Program program) {
    program.stages().forEach(stage -> stage.bodies().forEach(this::defineChildren));
    if (program.oneBody()) {
      Body body = program.stages().getFirst().bodies().getFirst();
      return Workflow.of(
          program.name(), Value.class, Value.class, (value, step) -> run(body, value, step));
    }
    WorkflowBuilder<Value, Value> path = Workflow.define(program.name(), Value.class);
    for (Program.Stage stage : program.stages()) {
      path =
          stage.isFork()
              ? path.parallel(stage.name(), fork -> fork(fork, stage))
              : step(path, stage.bodies().getFirst());
    }
    return path.build();
  }

  private WorkflowBuilder<Value, Value> step(WorkflowBuilder<Value, Value> path, Body body) {
    return path.step(body.name(), (value, step) -> run(body, value, step), Interpreter::soonAgain);
  }

  private static void soonAgain(StepOptions<?, ?> with) {
    with.retry(SOON);
  }

  private Parallel.Joined<Value, Value> fork(Parallel<Value, Value> fork, Program.Stage stage) {
    List<BranchRef<Value>> refs = new ArrayList<>();
    for (Body body : stage.bodies()) {
      refs.add(
          fork.step(
              body.name(),
              Value.class,
              (value, step) -> run(body, value, step),
              Interpreter::soonAgain));
    }
    return fork.join(
        (value, results) -> {
          Value joined = value;
          for (BranchRef<Value> ref : refs) {
            for (String done : results.get(ref).doneSoFar()) {
              joined = joined.and(done);
            }
          }
          return joined;
        });
  }

  private void defineChildren(Body body) {
    body.ops().forEach(this::defineChildren);
  }

  private void defineChildren(Op op) {
    switch (op) {
      case Op.Call call -> defineChild(call.child());
      case Op.Start start -> defineChild(start.child());
      case Op.Fork fork -> fork.parts().forEach(this::defineChildren);
      case Op.Waver waver -> waver.turns().forEach(this::defineChildren);
      default -> {}
    }
  }

  private void defineChild(Body body) {
    defineChildren(body);
    children.put(body, step(Workflow.define(body.name(), Value.class), body).build());
  }

  private Workflow<Value, Value> child(Body body) {
    return children.get(body);
  }

  // ---- what bodies do ----

  private Value run(Body body, Value data, StepContext<Value> step) throws Exception {
    worker.requireAlive();
    ledger.given(body.id(), data);
    return runs(body, data, step);
  }

  private Value runs(Body body, Value data, StepContext<Value> step) throws Exception {
    Value value = data;
    for (Op op : body.ops()) {
      if (data.oftenRests()) {
        step.sleep("rest before " + op.id(), SHORT);
      }
      value = run(op, value, step);
    }
    if (body.fails()) {
      throw new NonRetryableException("planned");
    }
    return value.and("end of " + body.name());
  }

  private Value run(Op op, Value value, StepContext<Value> step) throws Exception {
    return switch (op) {
      case Op.Effect effect -> effect(effect, value, step);
      case Op.Caught caught -> caught(caught, value, step);
      case Op.Sleep sleep -> {
        step.sleep(op.name(), SHORT);
        yield value.and(op.name());
      }
      case Op.Await await -> value.and(await(await, step));
      case Op.Ask ask -> value.and(step.ask(op.name(), Question.text(op.name())));
      case Op.Call call -> call(call, value, step);
      case Op.Start start -> {
        step.start(op.name(), child(start.child()), value, with -> {});
        yield value.and("started " + op.name());
      }
      case Op.Fork fork -> fork(fork, value, step);
      case Op.Waver waver -> {
        int last = waver.turns().size() - 1;
        yield run(
            waver.turns().get(Math.min(last, ledger.triesBefore(value, op.id()))), value, step);
      }
    };
  }

  private Value effect(Op.Effect effect, Value value, StepContext<Value> step) throws Exception {
    Value result =
        step.run(
            effect.name(),
            Value.class,
            () -> {
              worker.requireAlive();
              if (ledger.triesBefore(value, effect.id()) < effect.failures()) {
                throw new IOException("planned");
              }
              worker.reached(ledger.does(worker, value, effect, step.isCancelled()));
              return value.and(effect.name());
            });
    ledger.remembers(value, effect);
    ledger.given(effect.id(), result);
    return result;
  }

  private Value fork(Op.Fork fork, Value value, StepContext<Value> step) throws Exception {
    List<Value> results = fork.ofItems() ? items(fork, value, step) : branches(fork, value, step);
    Value joined = value;
    for (int i = 0; i < results.size(); i++) {
      ledger.given(fork.parts().get(i).id(), results.get(i));
      for (String done : results.get(i).doneSoFar()) {
        joined = joined.and(done);
      }
    }
    return joined;
  }

  private List<Value> items(Op.Fork fork, Value value, StepContext<Value> step) throws Exception {
    List<Integer> places = IntStream.range(0, fork.parts().size()).boxed().toList();
    return step.forEach(
            fork.name(),
            Value.class,
            places,
            (place, each) -> runs(fork.parts().get(place), value, each))
        .completed();
  }

  private List<Value> branches(Op.Fork fork, Value value, StepContext<Value> step)
      throws Exception {
    ForkedBranches<Value> parallel = step.parallel(fork.name());
    List<ForkedBranch<Value>> branches = new ArrayList<>();
    for (Body part : fork.parts()) {
      branches.add(parallel.branch(part.name(), Value.class, branch -> runs(part, value, branch)));
    }
    parallel.join();
    return branches.stream().map(ForkedBranch::get).toList();
  }

  private static Value caught(Op.Caught caught, Value value, StepContext<Value> step) {
    try {
      return step.run(
          caught.name(),
          Value.class,
          () -> {
            throw new IOException("planned");
          });
    } catch (Exception planned) {
      return value.and("caught " + caught.name());
    }
  }

  private static String await(Op.Await await, StepContext<Value> step) {
    Event<Note> event = Event.of(await.event(), Note.class);
    Note note =
        await.comes()
            ? step.await(await.name(), event)
            : step.await(await.name(), event, SHORT).orElse(new Note("too late"));
    return note.noteText();
  }

  private Value call(Op.Call call, Value value, StepContext<Value> step) {
    Value result;
    try {
      result = step.call(call.name(), child(call.child()), value, with -> {});
    } catch (ChildFailedException failed) {
      return value.and("failed " + call.name());
    }
    ledger.given(call.id(), result);
    return result;
  }
}
