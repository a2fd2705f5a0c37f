package dev.durable.benchmarks.scenario;

import dev.durable.benchmarks.driver.Drivers;
import dev.durable.benchmarks.driver.Workload.Limits;
import dev.durable.benchmarks.measure.Size;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All scenarios. A new one is one class and one line here. */
public final class Scenarios {

  /** In the order of the results. */
  public static final List<Scenario> ALL =
      List.of(
          new Throughput(100),
          new Throughput(1_000),
          Drain.q1(Limits.NONE),
          Drain.q1(Limits.GLOBAL),
          Drain.q1(Limits.PER_KEY),
          Drain.q3(1),
          Drain.q3(2),
          Drain.q3(4),
          new Latency(),
          new LargeResults(1_000),
          new LargeResults(10_000),
          new LargeResults(100_000),
          new LargeResults(1_000_000),
          new Crash(),
          new GrownTables(0),
          new GrownTables(1),
          new GrownTables(10),
          new FanOut(FanOut.Shape.PARALLEL_10),
          new FanOut(FanOut.Shape.FOR_EACH_1000),
          new EventLatency(),
          new Sleepers(Sleepers.Due.AT_ONCE),
          new Sleepers(Sleepers.Due.SPREAD),
          new DueSchedules(DueSchedules.Served.ELSEWHERE),
          new DueSchedules(DueSchedules.Served.HERE),
          new FairKeys(),
          new Waiters(),
          new Idle(),
          new Volume(1),
          new Volume(100));

  private Scenarios() {}

  /** The scenario with that {@link Scenario#key key}. */
  public static Scenario named(String key) {
    return ALL.stream().filter(each -> each.key().equals(key)).findFirst().orElseThrow();
  }

  /**
   * The scenarios with these ids, all if no id is given, without the too large ones.
   *
   * @throws IllegalArgumentException if an id is unknown
   */
  public static List<Scenario> withIds(Collection<String> ids, Size size) {
    Set<String> known = new LinkedHashSet<>(ALL.stream().map(Scenario::id).toList());
    Drivers.requireKnown("scenario", ids, known);
    return ALL.stream()
        .filter(s -> ids.isEmpty() || ids.contains(s.id()))
        .filter(s -> s.size().compareTo(size) <= 0)
        .toList();
  }
}
