package dev.durable.plans;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Whether a plan finds waits, signals and rows of history by whole keys. */
final class Lookups {

  /** What the condition on an index must be about. */
  private static final Map<String, Pattern> KEYS =
      Map.of(
          "pending_events_pkey", Pattern.compile("\\(workflow_id = .*\\(id [=>] "),
          "pending_inputs_pkey", Pattern.compile("\\(id = "),
          "pending_inputs_execution", Pattern.compile("\\(workflow_id = .*\\(seq = "),
          "pending_inputs_open", Pattern.compile("\\(workflow_id = .*\\(path = "),
          "pending_events_open",
              Pattern.compile("\\(workflow_id\\)::text = .*\\(kind = .*\\(event_name = "),
          "pending_events_once",
              Pattern.compile(
                  "\\(workflow_id\\)::text = .*\\(kind = .*\\(event_name = .*\\(idempotency_key = "),
          "wait_groups_pkey",
              Pattern.compile(
                  "\\(workflow_id = .*(\\(kind = .*\\(event_name = |ROW\\(kind, event_name, seq\\))"),
          "wait_groups_wait", Pattern.compile("workflow_id.*seq.* = "),
          "wait_groups_path", Pattern.compile("hashtextextended\\(.* = "),
          "step_executions_pkey", Pattern.compile("\\(workflow_id = .*\\(seq "));

  private static final Pattern EXECUTION = Pattern.compile("\\(workflow_id\\b.* = ");

  private static final Set<String> TABLES =
      Set.of("pending_events", "pending_inputs", "wait_groups", "step_executions");

  private static final String LAST = "pending_events_pkey Backward (workflow_id = ";

  private Lookups() {}

  /**
   * What reads more rows than the key allows.
   *
   * @param whole the indexes of which all that is of an execution may be read
   */
  static List<String> wrong(QueryPlan plan, Set<String> whole) {
    List<String> scanned =
        plan.scannedTables().stream().filter(TABLES::contains).map(t -> "all of " + t).toList();
    List<String> looked = plan.scans().stream().filter(scan -> !isByKey(scan, whole)).toList();
    return Stream.concat(scanned.stream(), looked.stream()).toList();
  }

  private static boolean isByKey(String scan, Set<String> whole) {
    String index = scan.substring(0, scan.indexOf(' '));
    Pattern key = whole.contains(index) ? EXECUTION : KEYS.get(index);
    return key == null || scan.startsWith(LAST) || key.matcher(scan).find();
  }
}
