package dev.durable.internal.engine.run;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import java.util.Map;
import java.util.Objects;

/**
 * The end of a wait, as its row stores it.
 *
 * @param outcome received, timed_out or cancelled
 * @param payloads the received values, by name, as JSON
 */
public record WaitResult(String outcome, Map<String, String> payloads) {

  static final String RECEIVED = "received";
  public static final String TIMED_OUT = "timed_out";
  public static final String CANCELLED = "cancelled";

  public WaitResult {
    payloads = Map.copyOf(payloads);
  }

  public static WaitResult received(Map<String, String> payloads) {
    return new WaitResult(RECEIVED, payloads);
  }

  /** An end without a value. */
  public static WaitResult without(String outcome) {
    return new WaitResult(outcome, Map.of());
  }

  public boolean isReceived() {
    return outcome.equals(RECEIVED);
  }

  public boolean isTimedOut() {
    return outcome.equals(TIMED_OUT);
  }

  /** The only payload. */
  public String payload() {
    return payloads.values().iterator().next();
  }

  /** Its JSON, with the purpose of the wait. */
  public JsonValue encode(Purpose purpose) {
    return JsonValue.of(
        JsonFields.join(
            purpose.and(
                Map.of(
                    "outcome",
                    InternalJson.write(outcome),
                    "payloads",
                    JsonFields.join(payloads)))));
  }

  public static WaitResult decode(JsonValue data) {
    Map<String, String> fields = JsonFields.split(data.json());
    String outcome =
        InternalJson.read(Objects.requireNonNull(fields.get("outcome")), TypeRef.of(String.class));
    return new WaitResult(
        outcome, JsonFields.split(Objects.requireNonNull(fields.get("payloads"))));
  }
}
