package dev.durable.benchmarks.driver;

import java.util.Map;

/** An engine to be measured, or the limit that no engine can pass. One class each. */
public interface Driver {

  /** Its name on the command line and in the results. */
  String name();

  /** The settings that differ from the defaults, for the results. */
  Map<String, Object> settings();
}
