package dev.durable.internal.engine.wait;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.BodyFacts;
import dev.durable.internal.engine.run.PendingWait;
import dev.durable.internal.engine.run.Purpose;
import dev.durable.internal.engine.run.ReminderRow;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.WaitResult;
import dev.durable.internal.text.NodePath;
import dev.durable.json.JsonFields;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the call that was already made under a name when a body uses it. */
public final class Standing {

  private final RunState run;

  public Standing(RunState run) {
    this.run = run;
  }

  /** The reason why a name cannot be used: it had another purpose; null if it can. */
  public @Nullable ErrorInfo difference(String step, String path, Purpose now) {
    BodyFacts.Fact fact = run.history().facts().at(path);
    if (fact != null) {
      return answers(fact, now) ? null : changed(step, path, then(fact), "did", now);
    }
    Purpose fork = fork(path);
    if (fork != null) {
      return fork.equals(now) ? null : changed(step, path, fork.text(), "did", now);
    }
    PendingWait open = run.waits().isUsed() ? run.waits().at(path) : null;
    if (open == null || open.purpose() == null || open.purpose().goesOnAs(now)) {
      return null;
    }
    return changed(step, path, open.purpose().text(), "has open", now);
  }

  /** What the name of a fork was used for; null if it was of none. */
  private @Nullable Purpose fork(String path) {
    String items = run.history().facts().json(new NodePath(path).items().text());
    if (items != null) {
      return Purpose.in(JsonFields.split(items));
    }
    String inside = run.history().facts().firstWithin(path + "/");
    return inside == null || ReminderRow.isOneOf(path, inside) ? null : Purpose.PARALLEL;
  }

  private static boolean answers(BodyFacts.Fact fact, Purpose now) {
    Purpose then = Purpose.in(fact.type(), fact.json());
    if (fact.type() == StepType.EFFECT) {
      return now.equals(then);
    }
    if (then == null) {
      return now.kind() != Purpose.Kind.EFFECT;
    }
    return then.equals(now)
        || then.answers(
            now,
            then.kind() == Purpose.Kind.START
                ? Set.of()
                : WaitResult.decode(JsonValue.of(fact.json())).payloads().keySet());
  }

  private static String then(BodyFacts.Fact fact) {
    Purpose then = Purpose.in(fact.type(), fact.json());
    return then == null ? "a " + fact.type().text() : then.text();
  }

  private static ErrorInfo changed(String step, String path, String then, String did, Purpose now) {
    return ErrorInfo.of(
        ErrorInfo.DEFINITION_CHANGED,
        "The body of step '"
            + step
            + "' "
            + did
            + " '"
            + path
            + "' as "
            + then
            + ", and now uses the name for "
            + now.text()
            + ". Give that another name, or register the body as it was; then retry the execution:"
            + " it does not continue by itself.",
        step);
  }
}
