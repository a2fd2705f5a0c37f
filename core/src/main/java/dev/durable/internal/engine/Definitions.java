package dev.durable.internal.engine;

import dev.durable.internal.engine.flow.Shape;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The definitions registered here, several versions side by side; more may come at any time. */
public final class Definitions {

  private volatile Map<String, Workflow<?, ?>> byNameAndVersion = Map.of();

  /**
   * @param workflows no two of the same name and version
   */
  public Definitions(Collection<Workflow<?, ?>> workflows) {
    add(workflows);
  }

  /**
   * Adds definitions. For one thread at a time.
   *
   * @param workflows none of the name and version of another one here
   */
  public void add(Collection<? extends Workflow<?, ?>> workflows) {
    Map<String, Workflow<?, ?>> more = new LinkedHashMap<>(byNameAndVersion);
    workflows.forEach(w -> more.put(key(w.name(), w.version()), w));
    byNameAndVersion = Collections.unmodifiableMap(more);
  }

  /** A version of a workflow, or null. */
  public @Nullable Workflow<?, ?> find(String name, int version) {
    return byNameAndVersion.get(key(name, version));
  }

  /** The newest version of a workflow, or null. */
  public @Nullable Workflow<?, ?> latest(String name) {
    return all().stream()
        .filter(workflow -> workflow.name().equals(name))
        .max(Comparator.comparingInt(Workflow::version))
        .orElse(null);
  }

  /** Every definition. */
  public Collection<Workflow<?, ?>> all() {
    return byNameAndVersion.values();
  }

  /** Every definition as {@code name@version}. */
  List<String> keys() {
    return List.copyOf(byNameAndVersion.keySet());
  }

  /** Every definition as {@code name@version#fingerprint}. */
  List<String> editions() {
    return all().stream().map(w -> key(w.name(), w.version()) + "#" + w.fingerprint()).toList();
  }

  /** The shape of a definition, as the database stores it. */
  public static String shape(Workflow<?, ?> workflow) {
    return Shape.of(workflow).toJson();
  }

  /** Whether a step of its executions may have to be undone. */
  public static boolean mayUndo(Workflow<?, ?> workflow) {
    return workflow.nodes().values().stream()
        .anyMatch(node -> node.settings().isUndoable() || isOwnBody(node));
  }

  /** Whether a node has a body that may say how what it does is undone. */
  private static boolean isOwnBody(Node node) {
    return node instanceof Node.Step step && step.purpose() == Node.Purpose.WORK;
  }

  private static String key(String name, int version) {
    return name + "@" + version;
  }
}
