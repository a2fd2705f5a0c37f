package dev.durable.testkit;

import dev.durable.internal.text.NodePath;
import dev.durable.wait.Event;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What comes from outside in a run, and what stands for something else. */
final class Script {

  private final Workflow<?, ?> workflow;
  private final Stubs stubs;
  private final List<Coming> events;
  private final Map<String, List<Object>> answers = new LinkedHashMap<>();
  private final Map<String, StepFunction<?, ?>> children;
  private final Set<String> cancelledWaits = new LinkedHashSet<>();
  private final Set<String> cancels = new LinkedHashSet<>();
  private Connections connections = Connections.NONE;

  /** An event, for every wait or for the one at a path. */
  record Coming(@Nullable String path, Event<?> event, Object payload) {
    @Override
    public String toString() {
      return "event '" + event.name() + "'" + (path == null ? "" : " at '" + path + "'");
    }
  }

  Script(Workflow<?, ?> workflow) {
    this(workflow, new Stubs(), new ArrayList<>(), new HashMap<>());
  }

  private Script(
      Workflow<?, ?> workflow,
      Stubs stubs,
      List<Coming> events,
      Map<String, StepFunction<?, ?>> children) {
    this.workflow = workflow;
    this.stubs = stubs;
    this.events = events;
    this.children = children;
  }

  Script copy() {
    Script copy =
        new Script(workflow, stubs.copy(), new ArrayList<>(events), new HashMap<>(children));
    answers.forEach((path, all) -> copy.answers.put(path, new ArrayList<>(all)));
    copy.cancelledWaits.addAll(cancelledWaits);
    copy.cancels.addAll(cancels);
    copy.connections = connections;
    return copy;
  }

  /** A child's script: it gets the same events, and its children have the same stubs. */
  Script ofChild(Workflow<?, ?> child) {
    Script own = new Script(child, new Stubs(), events, children);
    own.connections = connections;
    return own;
  }

  // ---- writing ----

  <E> void event(@Nullable String path, Event<E> event, E payload) {
    Objects.requireNonNull(event, "event");
    events.add(new Coming(path, event, Objects.requireNonNull(payload, "payload")));
  }

  void answer(String path, Object answer) {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(answer, "answer");
    answers.computeIfAbsent(path, none -> new ArrayList<>()).add(answer);
  }

  void cancelWait(String path) {
    cancelledWaits.add(Objects.requireNonNull(path, "path"));
  }

  void cancel(String path) {
    cancels.add(Objects.requireNonNull(path, "path"));
  }

  void child(Workflow<?, ?> child, StepFunction<?, ?> instead) {
    children.put(
        Objects.requireNonNull(child, "child").name(), Objects.requireNonNull(instead, "instead"));
  }

  void stub(String path, StepFunction<Object, ?> body) {
    stubs.add(path, body);
  }

  void connections(Connections from) {
    connections = from;
  }

  // ---- reading ----

  Stubs stubs() {
    return stubs;
  }

  Connections connections() {
    return connections;
  }

  @Nullable StepFunction<?, ?> child(String name) {
    return children.get(name);
  }

  /** The first event of some names that comes to a wait, if one does; it stays there. */
  @Nullable Coming coming(WaitPlace place, Collection<String> names) {
    for (Coming each : events) {
      if (names.contains(each.event.name()) && (each.path == null || place.is(each.path))) {
        return each;
      }
    }
    return null;
  }

  void taken(Coming event) {
    events.remove(event);
  }

  /** The next answer at a place, if there is one. */
  @Nullable Object takeAnswer(WaitPlace place) {
    for (Map.Entry<String, List<Object>> each : answers.entrySet()) {
      if (place.is(each.getKey()) && !each.getValue().isEmpty()) {
        return each.getValue().removeFirst();
      }
    }
    return null;
  }

  boolean takeCancelledWait(WaitPlace place) {
    return cancelledWaits.removeIf(place::is);
  }

  boolean takeCancel(String path) {
    return cancels.remove(path) || cancels.remove(NodePath.inDefinition(path));
  }

  List<String> unused() {
    List<String> unused = new ArrayList<>(events.stream().map(Coming::toString).toList());
    answers.forEach((path, all) -> all.forEach(one -> unused.add("answer to '" + path + "'")));
    cancelledWaits.forEach(path -> unused.add("cancelled wait '" + path + "'"));
    cancels.forEach(path -> unused.add("cancel at '" + path + "'"));
    stubs.unused().forEach(path -> unused.add("stub at '" + path + "'"));
    return List.copyOf(unused);
  }
}
