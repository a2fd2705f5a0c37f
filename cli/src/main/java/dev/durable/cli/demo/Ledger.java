package dev.durable.cli.demo;

import dev.durable.examples.order.fake.AppendOnlyFile;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.StepSettings;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A witness outside of the database: a file with a line for each begin and each end of a step body.
 * It checks the claims of the engine, also after a crash.
 */
final class Ledger implements AutoCloseable {

  /** An event in the life of a step body. */
  enum Event {
    BEGIN,
    END,
    FAIL
  }

  /**
   * A line of the ledger.
   *
   * @param time the time, by this machine's clock
   * @param pid the process of the worker
   * @param event the event
   * @param key the step and its execution
   * @param attempt the attempt's number, as the engine told the body
   */
  record Line(Instant time, long pid, Event event, StepKey key, int attempt) {}

  private static final String PID = Long.toString(ProcessHandle.current().pid());

  private final AppendOnlyFile file;

  Ledger(Path path) {
    this.file = new AppendOnlyFile(path);
  }

  /** All lines, of all workers and runs. */
  List<Line> lines() {
    return file.read(0).rows().stream().map(Ledger::line).toList();
  }

  /** The same workflow, with bodies that write their lines here. */
  @SuppressWarnings("unchecked") // The types fitted when the workflow was defined.
  <I, O> Workflow<I, O> witness(Workflow<I, O> workflow) {
    WorkflowBuilder<I, ?> copy =
        Workflow.define(
            workflow.name(),
            workflow.input(),
            with ->
                with.version(workflow.version())
                    .queue(workflow.queue())
                    .timeout(workflow.timeout().orElse(Duration.ofDays(1))));
    for (Node node : workflow.root().children()) {
      if (!(node instanceof Node.Step step)) {
        throw new IllegalArgumentException("Only plain steps can be witnessed: " + node.name());
      }
      StepBody<I, Object, Object> body = (StepBody<I, Object, Object>) step.body();
      copy =
          ((WorkflowBuilder<I, Object>) copy)
              .step(
                  step.name(),
                  (TypeRef<Object>) step.output(),
                  witness(body),
                  with -> copy(step.settings(), with));
    }
    return ((WorkflowBuilder<I, O>) copy).build();
  }

  private static void copy(StepSettings from, StepOptions<Object, Object> to) {
    if (from.isUndoable()) {
      throw new IllegalArgumentException("A step that can be undone cannot be witnessed.");
    }
    to.retry(from.retry());
    if (from.timeout() != null) {
      to.timeout(from.timeout());
    }
    if (from.atMostOnce()) {
      to.atMostOnce();
    }
  }

  private <I> StepBody<I, Object, Object> witness(StepBody<I, Object, Object> body) {
    return (data, step) -> {
      append(Event.BEGIN, step);
      Object result;
      try {
        result = body.run(data, step);
      } catch (Throwable failure) {
        append(Event.FAIL, step);
        throw failure;
      }
      append(Event.END, step);
      return result;
    };
  }

  private void append(Event event, StepContext<?> step) {
    file.append(
        Instant.now().toString(),
        PID,
        event.name(),
        step.execution().id().toString(),
        step.path(),
        Integer.toString(step.attempt()));
  }

  private static Line line(List<String> fields) {
    return new Line(
        Instant.parse(fields.get(0)),
        Long.parseLong(fields.get(1)),
        Event.valueOf(fields.get(2)),
        new StepKey(UUID.fromString(fields.get(3)), fields.get(4)),
        Integer.parseInt(fields.get(5)));
  }

  @Override
  public void close() {
    file.close();
  }
}
