package dev.durable.benchmarks;

import dev.durable.benchmarks.BenchOptions.Size;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All drivers and scenarios. A new one is one class and one line here. */
final class Catalog {

  static final List<Driver> DRIVERS =
      List.of(
          new DurableDriver(),
          LimitDriver.limit(),
          LimitDriver.guarded(),
          new DbosDriver(),
          new DbSchedulerDriver());

  static final List<Scenario> SCENARIOS =
      List.of(
          new Throughput(100),
          new Throughput(1_000),
          Drain.q1(),
          Drain.q3(1),
          Drain.q3(2),
          Drain.q3(4),
          new Latency(),
          new Bulk(1_000),
          new Bulk(10_000),
          new Bulk(100_000),
          new Bulk(1_000_000),
          new Crash(),
          new Grown(0),
          new Grown(1),
          new Grown(10),
          new FanOut(FanOut.Shape.PARALLEL_10),
          new FanOut(FanOut.Shape.FOR_EACH_1000),
          new EventLatency(),
          new Sleepers(Sleepers.Due.AT_ONCE),
          new Sleepers(Sleepers.Due.SPREAD),
          new Waiters(),
          new Idle(),
          new Volume(1),
          new Volume(100));

  private Catalog() {}

  static Driver driver(String name) {
    return DRIVERS.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  static Scenario scenario(String key) {
    return SCENARIOS.stream().filter(each -> each.key().equals(key)).findFirst().orElseThrow();
  }

  /**
   * The drivers of these names; all if there are none.
   *
   * @throws IllegalArgumentException if a name is not known
   */
  static List<Driver> drivers(Collection<String> names) {
    Set<String> known = new LinkedHashSet<>(DRIVERS.stream().map(Driver::name).toList());
    require("driver", names, known);
    return DRIVERS.stream().filter(d -> names.isEmpty() || names.contains(d.name())).toList();
  }

  /**
   * The scenarios of these ids, all if there are none, that are not too large.
   *
   * @throws IllegalArgumentException if an id is not known
   */
  static List<Scenario> scenarios(Collection<String> ids, Size size) {
    Set<String> known = new LinkedHashSet<>(SCENARIOS.stream().map(Scenario::id).toList());
    require("scenario", ids, known);
    return SCENARIOS.stream()
        .filter(s -> ids.isEmpty() || ids.contains(s.id()))
        .filter(s -> s.size().compareTo(size) <= 0)
        .toList();
  }

  private static void require(String what, Collection<String> wanted, Set<String> known) {
    for (String each : wanted) {
      if (!known.contains(each)) {
        throw new IllegalArgumentException(
            "There is no " + what + " '" + each + "'. There are: " + String.join(", ", known));
      }
    }
  }
}
