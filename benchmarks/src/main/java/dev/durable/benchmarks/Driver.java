package dev.durable.benchmarks;

import java.util.Map;

/** Something to be measured: an engine, or the limit that no engine can pass. One class each. */
interface Driver {

  /** Its name on the command line and in the results. */
  String name();

  /** What was set, for the results. */
  Map<String, Object> settings();
}
