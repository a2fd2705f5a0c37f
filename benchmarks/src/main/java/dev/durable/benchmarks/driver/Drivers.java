package dev.durable.benchmarks.driver;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All drivers. A new one is one class and one line here. */
public final class Drivers {

  /** In the order of their turns. */
  public static final List<Driver> ALL =
      List.of(
          new DurableDriver(),
          LimitDriver.limit(),
          LimitDriver.guarded(),
          new DbosDriver(),
          new DbSchedulerDriver());

  private Drivers() {}

  /** The driver with that name. */
  public static Driver named(String name) {
    return ALL.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  /**
   * The drivers with these names; all if no name is given.
   *
   * @throws IllegalArgumentException if a name is unknown
   */
  public static List<Driver> withNames(Collection<String> names) {
    Set<String> known = new LinkedHashSet<>(ALL.stream().map(Driver::name).toList());
    requireKnown("driver", names, known);
    return ALL.stream().filter(d -> names.isEmpty() || names.contains(d.name())).toList();
  }

  /**
   * Checks names from the command line.
   *
   * @param what the kind of thing that is named
   * @throws IllegalArgumentException if one of them is unknown; the message lists the known ones
   */
  public static void requireKnown(String what, Collection<String> wanted, Set<String> known) {
    for (String each : wanted) {
      if (!known.contains(each)) {
        throw new IllegalArgumentException(
            "There is no " + what + " '" + each + "'. There are: " + String.join(", ", known));
      }
    }
  }
}
