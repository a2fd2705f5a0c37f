package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.text.NodePath;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Undoes what has completed, the newest first. */
final class DryCompensations {

  private final DryExecution run;
  private final ErrorInfo cause;
  private final DryUndoing undoing;
  private final Map<String, DryCollection> collected = new HashMap<>();

  DryCompensations(DryExecution run, ErrorInfo cause) {
    this.run = run;
    this.cause = cause;
    this.undoing = new DryUndoing(run.workflow());
  }

  /** Undoes all. If there is nothing to undo, the run ends in another status. */
  DryEnd toTheEnd(ExecutionStatus otherwise) {
    run.clock().lifted();
    List<DryStep> plan = run.history().rows().stream().filter(this::isUndone).toList().reversed();
    ExecutionStatus end = plan.isEmpty() ? otherwise : ExecutionStatus.COMPENSATED;
    for (DryStep done : plan) {
      if (!undo(done)) {
        end = ExecutionStatus.COMPENSATION_FAILED;
        if (run.workflow().stopsCompensationOnFailure()) {
          break;
        }
      }
    }
    return DryEnd.of(end, cause);
  }

  private boolean isUndone(DryStep row) {
    boolean undoable =
        switch (row.type()) {
          case STEP, TRANSACTION, PARALLEL, FOR_EACH, EFFECT -> true;
          default -> false;
        };
    return undoable
        && row.status() == StepStatus.COMPLETED
        && (row.type() == StepType.EFFECT
            ? run.history().undo(row.path()) != null
            : undoing.isNeeded(row.path()));
  }

  private boolean undo(DryStep done) {
    DryHistory.Undo undo = run.history().undo(done.path());
    DryUndoing.Handler handler =
        done.type() == StepType.EFFECT && undo != null
            ? said(done.path(), undo)
            : undoing.of(done.path());
    if (handler == null) {
      return false;
    }
    @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
    Compensation<Object> how = (Compensation<Object>) handler.how();
    String path = new NodePath(done.path()).undoneBy(how.name()).text();
    JsonValue result = JsonValue.of(Objects.requireNonNullElse(done.output(), "null"));
    try {
      new DryAttempts(run)
          .run(
              StepType.COMPENSATION,
              path,
              how.retry(),
              attempt -> {
                Object value = run.read(path, result.copy(), handler.type());
                DryUndo context = new DryUndo(new DryContext(run, attempt, false), cause);
                CurrentContext.HERE.with(
                    context,
                    () -> {
                      how.body().undo(value, context);
                      return path;
                    });
                attempt.end();
                return JsonValue.of("null");
              });
      return true;
    } catch (DryFailure failure) {
      return false;
    }
  }

  // ---- what bodies have done ----

  /** What a body says about undoing something; null if it no longer says what it said. */
  private DryUndoing.@Nullable Handler said(String path, DryHistory.Undo undo) {
    String body = undoing.body(path);
    DryCollection known = collected.get(body);
    if (known == null) {
      known = new DryCollection(wanted(body));
      Node.Step step = (Node.Step) Objects.requireNonNull(run.workflow().node(body));
      new DrySteps(run).collect(step, body, JsonValue.of(undo.input()), known);
      collected.put(body, known);
    }
    DryUndoing.Handler handler = known.at(path);
    return handler != null && handler.how().name().equals(undo.compensation()) ? handler : null;
  }

  /** The paths of what a body has done and is not undone. */
  private Set<String> wanted(String body) {
    Set<String> wanted = new HashSet<>();
    for (DryStep row : run.history().rows()) {
      DryHistory.Undo undo = run.history().undo(row.path());
      if (undo != null
          && row.status() == StepStatus.COMPLETED
          && NodePath.isBelow(body, row.path())) {
        String path = new NodePath(row.path()).undoneBy(undo.compensation()).text();
        if (run.history().result(path) == null) {
          wanted.add(row.path());
        }
      }
    }
    return wanted;
  }
}
