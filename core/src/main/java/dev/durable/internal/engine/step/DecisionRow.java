package dev.durable.internal.engine.step;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.engine.run.DecisionException;
import dev.durable.json.TypeRef;
import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.Decision;
import dev.durable.workflow.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a decision, as its row stores it.
 *
 * @param type {@code continue} or {@code goto}
 * @param target the target, or null
 * @param data the JSON text of the data if the decision changed it, or null
 */
public record DecisionRow(String type, @Nullable String target, @Nullable String data) {

  private static final TypeRef<DecisionRow> TYPE = TypeRef.of(DecisionRow.class);

  /**
   * The row's output.
   *
   * @throws NonRetryableException if the decision is null, or its target was not declared
   */
  static JsonValue encode(
      Node.Decide decide, String path, @Nullable Object decision, StepValues values) {
    DecisionRow row =
        switch ((Decision<?>) decision) {
          case Decision.Next<?>(Object data) ->
              new DecisionRow("continue", null, json(decide, path, data, values));
          case Decision.GoTo<?>(String target, Object data) ->
              new DecisionRow(
                  "goto", declared(decide, path, target), json(decide, path, data, values));
          case null ->
              throw new NonRetryableException(
                  "Decision '" + path + "' returned null. Return Decision.next() or goTo(…).");
        };
    return JsonValue.of(InternalJson.write(row));
  }

  public static DecisionRow decode(String output) {
    return InternalJson.read(output, TYPE);
  }

  private static @Nullable String json(
      Node.Decide decide, String path, @Nullable Object data, StepValues values) {
    return data == null ? null : values.encode(path, decide.output(), data).json();
  }

  private static String declared(Node.Decide decide, String path, String target) {
    List<String> targets = decide.targets();
    if (targets.contains(target)) {
      return target;
    }
    throw new DecisionException(
        "Decision '"
            + path
            + "' wants to go to '"
            + target
            + "', which does not exist among its targets "
            + targets
            + ".");
  }
}
