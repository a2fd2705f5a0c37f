package dev.durable.deploy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An engine in memory that compares nothing: it passes by what its memory has at a path, does the
 * rest, and rests where it is told to. What it would do under another definition shows what goes
 * wrong there.
 */
final class Model {

  private static final String OPEN = "?";

  private final Map<String, Act> acts = new LinkedHashMap<>();
  private final Map<String, String> choices = new HashMap<>();
  private final Set<String> undoable = new HashSet<>();
  private final Set<String> stops;
  private boolean failed;
  private boolean complete;

  private Model(Model before, Set<String> stops) {
    this.stops = stops;
    acts.putAll(before.acts);
    choices.putAll(before.choices);
    undoable.addAll(before.undoable);
  }

  private Model() {
    this.stops = Set.of();
  }

  /** Has done nothing. */
  static Model fresh() {
    return new Model();
  }

  /** Has done nothing, but goes where this one went. */
  Model anew() {
    Model anew = new Model();
    anew.choices.putAll(choices);
    return anew;
  }

  /** The memory after a run that rests where it comes to one of these. */
  Model run(List<Part> definition, Set<String> restsAt) {
    Model after = new Model(this, restsAt);
    after.complete = after.walk(definition, "", "");
    return after;
  }

  /** The memory after a run to the end. */
  Model run(List<Part> definition) {
    return run(definition, Set.of());
  }

  /** The acts, in their order. */
  List<Act> acts() {
    return List.copyOf(acts.values());
  }

  /** The acts recorded by bodies. */
  List<String> written() {
    return acts.values().stream().filter(Act::written).map(Act::what).sorted().toList();
  }

  /** The paths of nodes and effects that have a result. */
  Set<String> completed() {
    Set<String> paths = new HashSet<>(acts.keySet());
    paths.removeIf(path -> path.endsWith(OPEN));
    return paths;
  }

  /** The paths of waiting nodes. */
  List<String> open() {
    return acts.keySet().stream()
        .filter(path -> path.endsWith(OPEN))
        .map(path -> path.substring(0, path.length() - 1))
        .toList();
  }

  /** Whether it came to a step that fails. */
  boolean hasFailed() {
    return failed;
  }

  /** Whether it has come to the end. */
  boolean isComplete() {
    return complete;
  }

  /** The paths of completed steps that a handler undoes if a later one fails. */
  Set<String> undoable() {
    return Set.copyOf(undoable);
  }

  /** The act at a path, or null. */
  @Nullable Act at(String path) {
    return acts.get(path);
  }

  private boolean walk(List<Part> parts, String prefix, String strand) {
    for (Part part : parts) {
      if (!walk(part, prefix + part.name(), strand)) {
        return false;
      }
    }
    return true;
  }

  private boolean walk(Part part, String path, String strand) {
    return switch (part) {
      case Part.Step step -> body(step, path, strand);
      case Part.Transaction step -> body(step, path, strand);
      case Part.Effects step -> effects(step, path, strand);
      case Part.Await wait -> wait(wait, wait.kind() + wait.type(), path, strand);
      case Part.Ask question -> wait(question, question.kind(), path, strand);
      case Part.Call call -> wait(call, call.kind(), path, strand);
      case Part.Branch branch -> branch(branch, path, strand);
      case Part.Parallel parallel -> parallel(parallel, path, strand);
      case Part.ForEach each -> forEach(each, path, strand);
      case Part.Fail fail -> {
        failed = true;
        yield false;
      }
    };
  }

  private boolean body(Part part, String path, String strand) {
    if (acts.containsKey(path)) {
      return true;
    }
    if (stops.contains(path)) {
      return false;
    }
    did(path, part, strand, true);
    return true;
  }

  private boolean effects(Part.Effects step, String path, String strand) {
    if (acts.containsKey(path)) {
      return true;
    }
    if (stops.contains(path)) {
      return false;
    }
    for (String effect : step.effects()) {
      String at = path + "/" + effect;
      acts.putIfAbsent(at, new Act(at, word(step.does() + "." + effect, path), strand, path, true));
    }
    if (stops.contains(path + "!")) {
      return false;
    }
    did(path, step, strand, true);
    if (!step.undo().isEmpty()) {
      undoable.add(path);
    }
    return true;
  }

  private boolean wait(Part part, String about, String path, String strand) {
    if (acts.containsKey(path)) {
      return true;
    }
    Act open = new Act(path + OPEN, word(part.does() + " open, " + about, path), strand, "", false);
    Act before = acts.putIfAbsent(open.path(), open);
    if (stops.contains(path)) {
      return false;
    }
    if (before == null || before.what().equals(open.what())) {
      acts.remove(open.path());
    }
    did(path, part, strand, false);
    return true;
  }

  private boolean branch(Part.Branch branch, String path, String strand) {
    String chosen = choices.getOrDefault(path, branch.taken());
    String taken = branch.has(chosen) ? chosen : branch.taken();
    choices.putIfAbsent(path, taken);
    String what = word(branch.does() + " to " + taken, path);
    acts.putIfAbsent(path, new Act(path, what, strand, "", false));
    return walk(branch.path(taken), path + "/" + taken + "/", strand);
  }

  private boolean parallel(Part.Parallel parallel, String path, String strand) {
    if (acts.containsKey(path)) {
      return true;
    }
    boolean all = true;
    for (Part.Path one : parallel.paths()) {
      String below = path + "/" + one.name() + "/";
      all &= walk(one.parts(), below, strand + below);
    }
    return end(parallel, path, strand, all);
  }

  private boolean forEach(Part.ForEach each, String path, String strand) {
    if (acts.containsKey(path)) {
      return true;
    }
    String list = path + "[*]";
    acts.putIfAbsent(list, new Act(list, word(each.does() + ": list", path), strand, "", false));
    boolean all = true;
    for (int item = 0; item < Part.ForEach.ITEMS; item++) {
      String below = path + "[" + item + "]/";
      all &= walk(each.path(), below, strand + below);
    }
    return end(each, path, strand, all);
  }

  private boolean end(Part block, String path, String strand, boolean all) {
    if (all) {
      did(path, block, strand, false);
    }
    return all;
  }

  private void did(String path, Part part, String strand, boolean written) {
    acts.put(path, new Act(path, word(part, path), strand, "", written));
  }

  /** A body's record: its word, its kind, and its item. */
  static String word(Part part, String path) {
    return word(part.does() + ": " + part.kind(), path);
  }

  /** The same for an effect. */
  static String word(String does, String path) {
    return does + path.replaceAll("[^\\[]*(\\[\\d+])?", "$1");
  }

  /** The acts that handlers undo once a step has failed, the latest first. */
  List<String> undone(List<Part> definition) {
    List<String> undone = new ArrayList<>();
    if (failed) {
      for (Part part : definition.reversed()) {
        if (part instanceof Part.Effects(String name, String does, var effects, String undo)
            && !undo.isEmpty()
            && acts.containsKey(name)) {
          undone.add(undo + " " + does);
        }
      }
    }
    return undone;
  }
}
