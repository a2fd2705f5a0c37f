package dev.durable.internal.engine.step;

import dev.durable.internal.codec.Payloads;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.engine.run.WaitResult;
import dev.durable.internal.engine.wait.WaitLimit;
import dev.durable.internal.engine.wait.WaitTargets;
import dev.durable.json.JsonException;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import dev.durable.wait.WaitOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The sleeps of a body, and its waits for events. */
final class BodyEvents {

  private final BodyScope scope;
  private final BodyWaits waits;

  BodyEvents(BodyScope scope, BodyWaits waits) {
    this.scope = scope;
    this.waits = waits;
  }

  // ---- sleeps ----

  void sleep(String name, Duration time) {
    String path = scope.once(name);
    rest(path, new WaitLimit(positive(given(path, time)), null));
  }

  void sleepUntil(String name, Instant time) {
    String path = scope.once(name);
    rest(path, new WaitLimit(null, given(path, time)));
  }

  /**
   * Passed by in an entry that only collects: the end of a sleep is committed with the body's
   * result, later than what the body has done after it.
   */
  private void rest(String path, WaitLimit limit) {
    if (scope.attempt().collection() == null) {
      waits.await(path, limit, WaitTargets.time());
    }
  }

  /** A sleep without an end would have no reason to make progress. */
  private static <T> T given(String path, @Nullable T time) {
    if (time == null) {
      throw new IllegalArgumentException(
          "'" + path + "' cannot sleep: the time that it was given is null.");
    }
    return time;
  }

  private static Duration positive(Duration time) {
    return time.isNegative() ? Duration.ZERO : time;
  }

  // ---- events ----

  /**
   * Waits for an event.
   *
   * @param limit the longest time, or null
   */
  <E> WaitOutcome<E> await(String name, Event<E> event, @Nullable Duration limit) {
    Objects.requireNonNull(event, "event");
    String path = scope.once(name);
    requireReadable(path, List.of(event));
    String what = "event '" + event.name() + "' at '" + path + "'";
    return waits.received(
        path,
        () -> waits.await(path, WaitLimit.of(limit), WaitTargets.events(false, List.of(event))),
        result -> BodyWaits.outcome(result, what, () -> required(result, event)));
  }

  /**
   * Waits for several events.
   *
   * @param all whether each of them must come, or one is enough
   * @param limit the longest time, or null
   */
  WaitOutcome<Events> await(
      String name, boolean all, List<Event<?>> events, @Nullable Duration limit) {
    String path = scope.once(name);
    requireReadable(path, events);
    return waits.received(
        path,
        () -> waits.await(path, WaitLimit.of(limit), WaitTargets.events(all, events)),
        result ->
            BodyWaits.outcome(
                result, several(all ? "all" : "one", events, path), () -> events(result, events)));
  }

  /** Checks the types of a new wait; an unreadable value of a wait that has begun parks. */
  private void requireReadable(String path, List<? extends Event<?>> events) {
    for (Event<?> event : waits.isNew(path) ? events : List.<Event<?>>of()) {
      payloads().require("payload of event '" + event.name() + "' at '" + path + "'", event.type());
    }
  }

  private Payloads payloads() {
    return scope.run().services().payloads();
  }

  private Events events(WaitResult result, List<Event<?>> events) {
    Map<String, Object> received = new LinkedHashMap<>();
    for (Event<?> event : events) {
      if (result.payloads().containsKey(event.name())) {
        received.put(event.name(), payload(result, event));
      }
    }
    return new Events(received);
  }

  private <E> E payload(WaitResult result, Event<E> event) {
    String json = Objects.requireNonNull(result.payloads().get(event.name()));
    String what = "payload of event '" + event.name() + "'";
    return StepValues.orVoid(payloads().decode(what, json, event.type()));
  }

  /** The payload of the only event: code that gets it alone could not tell a null from a value. */
  private <E> E required(WaitResult result, Event<E> event) {
    E payload = payload(result, event);
    if (payload == null && !event.type().isVoid()) {
      throw new JsonException(
          "The payload of event '" + event.name() + "' is null, which only a Void may be.", null);
    }
    return payload;
  }

  private static String several(String many, List<Event<?>> events, String path) {
    List<String> names = events.stream().<String>map(Event::name).toList();
    return many + " of the events " + names + " at '" + path + "'";
  }
}
