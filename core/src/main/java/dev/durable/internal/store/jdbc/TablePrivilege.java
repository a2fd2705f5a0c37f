package dev.durable.internal.store.jdbc;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A right that the engine's role needs on a table. {@code RightsTest} compares them with the
 * statements.
 *
 * @param table the table's name
 * @param privilege SELECT, INSERT, UPDATE or DELETE
 */
public record TablePrivilege(String table, String privilege) {

  private static final String READ = "SELECT";

  /** All that an instance needs, in the order of the tables' creation. */
  public static final List<TablePrivilege> ALL =
      rights(
          Map.entry("workflow_executions", "SELECT, INSERT, UPDATE"),
          Map.entry("step_executions", "SELECT, INSERT, UPDATE, DELETE"),
          Map.entry("pending_inputs", "SELECT, INSERT, UPDATE"),
          Map.entry("workers", "SELECT, INSERT, UPDATE, DELETE"),
          Map.entry("workflow_definitions", "SELECT, INSERT, UPDATE"),
          Map.entry("queues", "SELECT, INSERT, UPDATE"),
          Map.entry("wait_groups", "SELECT, INSERT, DELETE"),
          Map.entry("pending_events", "SELECT, INSERT, UPDATE"),
          Map.entry("queue_keys", "SELECT, INSERT, UPDATE, DELETE"),
          Map.entry("durable_schema_migrations", "SELECT"));

  boolean isRead() {
    return privilege.equals(READ);
  }

  /** The statements that give these rights to a role; all names are quoted already. */
  static List<String> grants(List<TablePrivilege> missing, String schema, String role) {
    Map<String, List<String>> byTable = new LinkedHashMap<>();
    for (TablePrivilege right : missing) {
      byTable
          .computeIfAbsent(right.table, table -> new ArrayList<>())
          .add(right.privilege.toLowerCase(Locale.ROOT));
    }
    List<String> grants = new ArrayList<>();
    byTable.forEach(
        (table, privileges) ->
            grants.add(
                "grant "
                    + String.join(", ", privileges)
                    + " on "
                    + schema
                    + "."
                    + Schema.quoted(table)
                    + " to "
                    + role
                    + ";"));
    return grants;
  }

  @SafeVarargs
  private static List<TablePrivilege> rights(Map.Entry<String, String>... tables) {
    List<TablePrivilege> rights = new ArrayList<>();
    for (Map.Entry<String, String> table : tables) {
      for (String privilege : table.getValue().split(", ", -1)) {
        rights.add(new TablePrivilege(table.getKey(), privilege));
      }
    }
    return List.copyOf(rights);
  }
}
