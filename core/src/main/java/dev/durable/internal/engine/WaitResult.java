package dev.durable.internal.engine;

import dev.durable.internal.store.InternalJson;
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
record WaitResult(String outcome, Map<String, String> payloads) {

  static final String RECEIVED = "received";
  static final String TIMED_OUT = "timed_out";
  static final String CANCELLED = "cancelled";

  WaitResult {
    payloads = Map.copyOf(payloads);
  }

  static WaitResult received(Map<String, String> payloads) {
    return new WaitResult(RECEIVED, payloads);
  }

  /** An end without a value. */
  static WaitResult without(String outcome) {
    return new WaitResult(outcome, Map.of());
  }

  boolean isReceived() {
    return outcome.equals(RECEIVED);
  }

  boolean isTimedOut() {
    return outcome.equals(TIMED_OUT);
  }

  /** The only payload. */
  String payload() {
    return payloads.values().iterator().next();
  }

  /** Its JSON, with the purpose of the wait. */
  JsonValue encode(Purpose purpose) {
    return JsonValue.of(
        JsonFields.join(
            purpose.and(
                Map.of(
                    "outcome",
                    InternalJson.write(outcome),
                    "payloads",
                    JsonFields.join(payloads)))));
  }

  static WaitResult decode(JsonValue data) {
    Map<String, String> fields = JsonFields.split(data.json());
    String outcome =
        InternalJson.read(Objects.requireNonNull(fields.get("outcome")), TypeRef.of(String.class));
    return new WaitResult(
        outcome, JsonFields.split(Objects.requireNonNull(fields.get("payloads"))));
  }
}
