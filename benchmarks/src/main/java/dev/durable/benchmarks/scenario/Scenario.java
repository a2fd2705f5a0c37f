package dev.durable.benchmarks.scenario;

import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Size;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Something to measure a driver by. One class each, one object for each choice of its settings. */
public interface Scenario {

  /** Its name on the command line and in the results, such as {@code T3}. */
  String id();

  /** What makes this one differ from others of the same id; may be empty. */
  default Map<String, Object> settings() {
    return Map.of();
  }

  /** Whether the driver can do it. */
  boolean fits(Driver driver);

  /** How many million finished executions the tables hold at the beginning. */
  default int historyMillions() {
    return 0;
  }

  /** The smallest choice that it belongs to. */
  default Size size() {
    return Size.QUICK;
  }

  /** Warms up and measures. */
  List<Sample> measure(Lab lab) throws Exception;

  /** Names this one among all, in every JVM the same. */
  default String key() {
    return settings().isEmpty() ? id() : id() + new TreeMap<>(settings());
  }
}
