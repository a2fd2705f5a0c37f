package dev.durable.benchmarks.driver;

import java.util.Map;

/** Something to be measured: an engine, or the limit that no engine can pass. One class each. */
public interface Driver {

  /** Its name on the command line and in the results. */
  String name();

  /** What was set, for the results. */
  Map<String, Object> settings();
}
