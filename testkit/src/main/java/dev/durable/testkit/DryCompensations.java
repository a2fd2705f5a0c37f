package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.text.NodePath;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.workflow.Compensation;
import java.util.List;
import java.util.Objects;

/** Undoes what has completed, the newest first. */
final class DryCompensations {

  private final DryExecution run;
  private final ErrorInfo cause;
  private final DryUndoing undoing;

  DryCompensations(DryExecution run, ErrorInfo cause) {
    this.run = run;
    this.cause = cause;
    this.undoing = new DryUndoing(run.workflow());
  }

  /** Undoes all. If there is nothing to undo, the run ends in another status. */
  DryEnd toTheEnd(ExecutionStatus otherwise) {
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
    return undoable && row.status() == StepStatus.COMPLETED && undoing.isNeeded(row.path());
  }

  private boolean undo(DryStep done) {
    DryUndoing.Handler handler = Objects.requireNonNull(undoing.of(done.path()));
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
}
