package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.codec.InternalJson;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.ChildKeyTakenException;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The end of a child, as its parent received it.
 *
 * @param id the child
 * @param status its last status
 * @param output its result as JSON, or null
 * @param error the reason why it has none, or null
 * @param holder the execution that has its key, if it was not started for that; else null
 */
public record ChildEnd(
    UUID id,
    ExecutionStatus status,
    @Nullable String output,
    @Nullable ErrorInfo error,
    @Nullable UUID holder) {

  private static final TypeRef<String> TEXT = TypeRef.of(String.class);

  public static ChildEnd decode(WaitResult result) {
    String id = result.payloads().keySet().iterator().next();
    Map<String, String> fields = JsonFields.split(result.payload());
    String status = Objects.requireNonNull(fields.get("status"));
    String holder = fields.get("holder");
    return new ChildEnd(
        UUID.fromString(id),
        ExecutionStatus.of(InternalJson.read(status, TEXT)),
        fields.get("output"),
        InternalJson.error(fields.get("error")),
        holder == null ? null : UUID.fromString(InternalJson.read(holder, TEXT)));
  }

  public String outputOrThrow(String workflow) {
    if (status == ExecutionStatus.COMPLETED && output != null) {
      return output;
    }
    if (holder != null) {
      throw new ChildKeyTakenException(workflow, holder);
    }
    ErrorInfo why =
        Objects.requireNonNullElseGet(
            error, () -> ErrorInfo.of(ErrorInfo.CANCELLED, "it left no reason", null));
    throw new ChildFailedException(workflow, id, status, why);
  }
}
