package dev.durable.internal.engine.wait;

import dev.durable.execution.StepType;
import dev.durable.internal.engine.run.PendingWait;
import dev.durable.internal.engine.run.Purpose;
import dev.durable.question.Reminders;
import java.util.List;

/** The target of a wait. */
public sealed interface WaitTarget
    permits WaitTargets.Time, WaitTargets.OfEvents, WaitTargets.Ask, WaitTargets.Call {

  /** The type of its row. */
  StepType type();

  /** The purpose for which the body uses its name. */
  Purpose purpose();

  /** Whether every signal must come, or one is enough. */
  default boolean all() {
    return false;
  }

  /** The signals that may come before the wait has begun. */
  default List<String> early() {
    return List.of();
  }

  /** Begins it at this place of the history. */
  BegunWait begin(int seq);

  /** The reminders to be sent until an answer comes. */
  default Reminders reminders() {
    return Reminders.NONE;
  }

  /** The signals of a wait that has begun earlier. */
  List<String> again(PendingWait open);
}
