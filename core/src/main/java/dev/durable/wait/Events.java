package dev.durable.wait;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The events that a wait for several has received: one of them, or all. Immutable. */
public final class Events {

  private final Map<String, Object> payloads;

  /**
   * @param payloads by the event's name, each of its event's type
   */
  public Events(Map<String, Object> payloads) {
    this.payloads = Map.copyOf(payloads);
  }

  /** The names of the events that have come. */
  public Set<String> names() {
    return payloads.keySet();
  }

  /** Whether this event has come. */
  public boolean has(Event<?> event) {
    return payloads.containsKey(event.name());
  }

  /** The event's payload, if it has come. */
  @SuppressWarnings("unchecked") // Put in under the event's own type.
  public <T> Optional<T> find(Event<T> event) {
    return Optional.ofNullable((T) payloads.get(event.name()));
  }

  /**
   * The event's payload.
   *
   * @throws IllegalStateException if it has not come
   */
  public <T> T get(Event<T> event) {
    return find(event)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "'" + event.name() + "' has not come; these have: " + names()));
  }
}
