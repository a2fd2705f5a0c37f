package dev.durable.random;

import dev.durable.values.Codecs;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A workflow, as data.
 *
 * @param seed what it was made of
 * @param name the workflow's
 * @param codec how its values are stored
 * @param oneBody whether it has the one-body form, and then one stage of one body
 * @param stages what is done one after the other; several bodies in one stage run side by side
 */
record Program(long seed, String name, Codecs codec, boolean oneBody, List<Stage> stages) {

  /** One body, or several that run side by side. */
  record Stage(String name, List<Body> bodies) {
    boolean isFork() {
      return bodies.size() > 1;
    }
  }

  /** How many bodies, and parts of them, may be at rest at once. */
  int width() {
    return stages.stream()
        .mapToInt(stage -> stage.bodies().stream().mapToInt(Body::width).sum())
        .max()
        .orElse(1);
  }

  /** For people, a line for each stage. */
  @Override
  public String toString() {
    return stages.stream()
        .map(stage -> "\n    " + stage)
        .collect(
            Collectors.joining("", codec + " '" + name + "'" + (oneBody ? " (one body)" : ""), ""));
  }
}
