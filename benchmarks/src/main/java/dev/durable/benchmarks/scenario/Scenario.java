package dev.durable.benchmarks.scenario;

import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Size;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A way to measure a driver. One class each, one object for each choice of its settings. */
public interface Scenario {

  /** Its name on the command line and in the results, such as {@code T3}. */
  String id();

  /** The settings that distinguish it from others with the same id; may be empty. */
  default Map<String, Object> settings() {
    return Map.of();
  }

  /** Whether the driver can run it. */
  boolean fits(Driver driver);

  /** The millions of finished executions in the tables at the beginning. */
  default int historyMillions() {
    return 0;
  }

  /** The smallest size that includes it. */
  default Size size() {
    return Size.QUICK;
  }

  /** Warms up and measures. */
  List<Sample> measure(Lab lab) throws Exception;

  /** Identifies it among all scenarios, in every JVM. */
  default String key() {
    return settings().isEmpty() ? id() : id() + new TreeMap<>(settings());
  }
}
