package dev.durable.deploy;

import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.TestDatabase;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The database's view of all executions at one moment. */
final class History {

  private static final String ROWS =
      """
      select e.id, e.status, s.path, s.status
      from durable.workflow_executions e left join durable.step_executions s on s.workflow_id = e.id
      """;

  private final Map<UUID, String> statuses = new HashMap<>();
  private final Map<UUID, Set<String>> completed = new HashMap<>();
  private final Map<UUID, Set<String>> waiting = new HashMap<>();

  static History of(TestDatabase db) {
    History history = new History();
    for (String row : db.rows(ROWS)) {
      String[] column = row.split("\\|", -1);
      UUID id = UUID.fromString(column[0]);
      history.statuses.put(id, column[1]);
      boolean done = column[3].equals("completed");
      Map<UUID, Set<String>> rows = done ? history.completed : history.waiting;
      rows.computeIfAbsent(id, none -> new HashSet<>()).add(column[2]);
    }
    return history;
  }

  /**
   * Whether an execution has come to where it is to come.
   *
   * @param stands whether one of its bodies stands still where it is to rest
   */
  boolean hasCome(Trial trial, boolean stands) {
    String status = statuses.get(trial.id);
    boolean isThere = stands || trial.status().text().equals(status);
    if (!isThere || trial.status() != ExecutionStatus.WAITING) {
      return isThere;
    }
    Set<String> done = completed.getOrDefault(trial.id, Set.of());
    Set<String> open = waiting.getOrDefault(trial.id, Set.of());
    return done.containsAll(trial.memory().completed()) && (stands || isOpen(trial, open));
  }

  private static boolean isOpen(Trial trial, Set<String> open) {
    return trial.memory().open().stream()
        .allMatch(path -> open.stream().anyMatch(row -> row.startsWith(path)));
  }
}
