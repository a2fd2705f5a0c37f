package dev.durable.testkit;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.Answers;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.text.NodePath;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.question.InvalidAnswerException;
import dev.durable.question.Question;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import dev.durable.wait.WaitOutcome;
import dev.durable.workflow.ChildKeyTakenException;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The waits of one attempt of a body. */
final class DryWaits {

  private final DryCalls calls;
  private final DryExecution run;
  private final DryAttempt attempt;
  private final boolean only;

  DryWaits(DryCalls calls, boolean only) {
    this.calls = calls;
    this.run = calls.run();
    this.attempt = calls.attempt();
    this.only = only;
  }

  // ---- sleeps ----

  void sleep(String name, Duration time) {
    String path = calls.once(name);
    Duration given = given(path, time);
    rest(path, given.isNegative() ? Duration.ZERO : given);
  }

  void sleepUntil(String name, Instant time) {
    String path = calls.once(name);
    Duration rest = Duration.between(run.clock().now(), given(path, time));
    rest(path, rest.isNegative() ? Duration.ZERO : rest);
  }

  private void rest(String path, Duration time) {
    if (run.history().result(path) == null) {
      end(place(path), StepType.WAIT, time, "the time", () -> null);
    }
  }

  private static <T> T given(String path, @Nullable T time) {
    if (time == null) {
      throw new IllegalArgumentException(
          "'" + path + "' cannot sleep: the time that it was given is null.");
    }
    return time;
  }

  // ---- events ----

  <E> WaitOutcome<E> await(String name, Event<E> event, @Nullable Duration limit) {
    Objects.requireNonNull(event, "event");
    String path = calls.once(name);
    String what = "event '" + event.name() + "' at '" + path + "'";
    return events(path, what, false, List.of(event), limit, came -> came.get(event));
  }

  WaitOutcome<Events> await(
      String name, boolean all, List<Event<?>> events, @Nullable Duration limit) {
    String path = calls.once(name);
    List<String> names = events.stream().<String>map(Event::name).toList();
    if (names.isEmpty() || new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException(
          "A wait needs events, and each must have a name of its own: " + names);
    }
    String what = (all ? "all" : "one") + " of the events " + names + " at '" + path + "'";
    return events(path, what, all, events, limit, Function.identity());
  }

  private <T> WaitOutcome<T> events(
      String path,
      String what,
      boolean all,
      List<? extends Event<?>> events,
      @Nullable Duration limit,
      Function<Events, T> value) {
    String known = run.history().result(path);
    if (known == null) {
      for (Event<?> event : events) {
        run.payloads()
            .require("payload of event '" + event.name() + "' at '" + path + "'", event.type());
      }
    }
    WaitEnd end =
        known != null
            ? WaitEnd.read(known)
            : end(place(path), StepType.WAIT, limit, what, () -> come(path, all, events));
    return end.outcome(what, payloads -> value.apply(read(payloads, events)));
  }

  private @Nullable Map<String, String> come(
      String path, boolean all, List<? extends Event<?>> events) {
    List<Script.Coming> come = new ArrayList<>();
    List<String> names = events.stream().map(Event::name).toList();
    for (List<String> wanted : all ? names.stream().map(List::of).toList() : List.of(names)) {
      Script.Coming first = run.script().coming(place(path), wanted);
      if (first == null) {
        return null;
      }
      come.add(first);
    }
    Map<String, String> payloads = new LinkedHashMap<>();
    for (Script.Coming each : come) {
      run.script().taken(each);
      payloads.put(each.event().name(), encoded(each));
    }
    return payloads;
  }

  private String encoded(Script.Coming event) {
    try {
      String what = "payload of event '" + event.event().name() + "'";
      return run.payloads().prepare(what, event.payload(), event.event().type()).json();
    } catch (JsonException refused) {
      throw new DryStop.Misuse(refused);
    }
  }

  private Events read(Map<String, String> payloads, List<? extends Event<?>> events) {
    Map<String, Object> received = new LinkedHashMap<>();
    for (Event<?> event : events) {
      String json = payloads.get(event.name());
      if (json != null) {
        String what = "payload of event '" + event.name() + "'";
        received.put(
            event.name(),
            calls.readable(
                "What was received at '" + attempt.path() + "'",
                () -> StepValues.orVoid(run.payloads().decode(what, json, event.type()))));
      }
    }
    return new Events(received);
  }

  // ---- questions ----

  <A> WaitOutcome<A> ask(String name, Question<A> question, @Nullable Duration limit) {
    String path = calls.once(name);
    if (question == null) {
      throw new NullPointerException("The question '" + path + "' is null.");
    }
    NodePath.requireIndexable(path, name);
    String what = "an answer to '" + path + "'";
    String known = run.history().result(path);
    WaitEnd end =
        known != null
            ? WaitEnd.read(known)
            : end(place(path), StepType.WAIT, limit, what, () -> answer(path, name, question));
    return end.outcome(
        what,
        payloads ->
            calls.readable(
                "What was received at '" + path + "'",
                () ->
                    new Answers(run.payloads())
                        .read(question, payloads.values().iterator().next())));
  }

  private <A> @Nullable Map<String, String> answer(String path, String name, Question<A> question) {
    Object given = run.script().takeAnswer(place(path));
    if (given == null) {
      return null;
    }
    try {
      DryQuestion asked = new DryQuestion(run, path, name, question);
      return Map.of("answer", asked.accept(given));
    } catch (InvalidAnswerException | JsonException refused) {
      throw new DryStop.Misuse(refused);
    }
  }

  // ---- children ----

  <J, X> WaitOutcome<X> call(
      String name, Workflow<J, X> child, J input, @Nullable Duration limit, ChildOptions options) {
    String path = calls.once(name);
    String what = "the result of '" + child.name() + "' at '" + path + "'";
    String known = run.history().result(path);
    if (known == null) {
      run.payloads()
          .require("result of workflow '" + child.name() + "' at '" + path + "'", child.output());
    }
    WaitEnd end =
        known != null
            ? WaitEnd.read(known)
            : end(
                place(path),
                StepType.CHILD,
                limit,
                what,
                () -> run.children().call(path, child, input, limit, options));
    return end.outcome(
        what,
        payloads -> {
          String json = DryChildren.outputOrThrow(payloads, child.name());
          return calls.readable(
              "The result of child '" + child.name() + "' at '" + path + "'",
              () -> StepValues.orVoid(run.payloads().decode(json, child.output())));
        });
  }

  <J> UUID start(String name, Workflow<J, ?> child, J input, ChildOptions options) {
    String path = calls.once(name);
    String known = run.history().result(path);
    if (known != null) {
      return UUID.fromString(WaitEnd.read(known).payloads().get("id"));
    }
    attempt.requireDoing();
    run.payloads().prepare("input of workflow '" + child.name() + "'", input, child.input());
    UUID id = UUID.randomUUID();
    UUID holder = run.children().take(child.name(), options.key(), id);
    if (holder != null) {
      throw new ChildKeyTakenException(child.name(), holder);
    }
    WaitEnd started = WaitEnd.received(Map.of("id", id.toString()));
    run.history().completed(path, StepType.CHILD, 1, started.json());
    return id;
  }

  // ---- the end of a wait ----

  private WaitPlace place(String path) {
    return new WaitPlace(path, attempt.path(), only);
  }

  /** Ends a wait by what comes, else by its limit; null payloads mean that nothing comes. */
  private WaitEnd end(
      WaitPlace place,
      StepType type,
      @Nullable Duration limit,
      String what,
      Supplier<@Nullable Map<String, String>> coming) {
    attempt.requireDoing();
    try {
      WaitEnd end = ended(place, limit, what, coming);
      run.history().completed(place.path(), type, 1, end.json());
      return end;
    } catch (DryStop stop) {
      if (stop instanceof DryStop.Waits || stop instanceof DryStop.Over) {
        run.history().waits(place.path(), type);
      }
      throw attempt.stops(stop);
    }
  }

  private WaitEnd ended(
      WaitPlace place,
      @Nullable Duration limit,
      String what,
      Supplier<@Nullable Map<String, String>> coming) {
    String path = place.path();
    run.requireWanted(path);
    if (run.script().takeCancelledWait(place)) {
      return WaitEnd.CANCELLED;
    }
    Map<String, String> payloads = coming.get();
    if (payloads != null) {
      return WaitEnd.received(payloads);
    }
    if (limit == null) {
      throw run.clock().waits(what, path, run.history().lastFailure());
    }
    run.pass(limit, path);
    return WaitEnd.TIMED_OUT;
  }

  /** How a wait ended, as it is remembered. */
  record WaitEnd(boolean received, boolean cancelled, Map<String, String> payloads) {

    static final WaitEnd TIMED_OUT = new WaitEnd(false, false, Map.of());
    static final WaitEnd CANCELLED = new WaitEnd(false, true, Map.of());

    static WaitEnd received(Map<String, String> payloads) {
      return new WaitEnd(true, false, payloads);
    }

    static WaitEnd read(String json) {
      return InternalJson.read(json, TypeRef.of(WaitEnd.class));
    }

    String json() {
      return InternalJson.write(this);
    }

    <T> WaitOutcome<T> outcome(String what, Function<Map<String, String>, T> value) {
      if (received) {
        return new WaitOutcome.Received<>(value.apply(payloads));
      }
      return cancelled ? new WaitOutcome.Cancelled<>(what) : new WaitOutcome.TimedOut<>(what);
    }
  }
}
