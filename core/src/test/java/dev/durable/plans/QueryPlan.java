package dev.durable.plans;

import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The plan that PostgreSQL makes when it does not know the parameters. */
record QueryPlan(JsonNode root) {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern PARAMETER = Pattern.compile("\\?");

  static QueryPlan of(TestDatabase database, String sql) {
    return of(database, "", sql);
  }

  /** The same in a session that avoids to scan tables, as those of nodes and senders do. */
  static QueryPlan byKey(TestDatabase database, String sql) {
    return of(database, "set enable_seqscan = off", sql);
  }

  /** The same where a page is read as cheaply here as there, as on fast disks. */
  static QueryPlan byKeyOnFastDisks(TestDatabase database, String sql) {
    return of(database, "set enable_seqscan = off; set random_page_cost = 1.1", sql);
  }

  private static QueryPlan of(TestDatabase database, String setting, String sql) {
    Matcher parameters = PARAMETER.matcher(sql);
    int[] number = {0};
    String numbered = parameters.replaceAll(found -> "\\$" + ++number[0]);
    String explain = "explain (generic_plan, format json, costs off) " + numbered;
    // The extended protocol would want values for the parameters.
    String url = database.url() + (database.url().contains("?") ? "&" : "?");
    try (Connection connection =
            DriverManager.getConnection(
                url + "preferQueryMode=simple", database.user(), database.password());
        Statement statement = connection.createStatement()) {
      statement.execute(setting);
      try (ResultSet row = statement.executeQuery(explain)) {
        row.next();
        return new QueryPlan(JSON.readTree(row.getString(1)).get(0).get("Plan"));
      }
    } catch (SQLException failure) {
      throw new IllegalStateException(explain, failure);
    }
  }

  /** The tables of ours that are read from one end to the other. */
  List<String> scannedTables() {
    return nodes(root).stream()
        .filter(node -> node.path("Node Type").asString("").equals("Seq Scan"))
        .map(node -> node.get("Relation Name").asString())
        .toList();
  }

  /** The indexes whose rows are sorted before anything is taken from them. */
  List<String> sortedIndexes() {
    return nodes(root).stream()
        .filter(node -> node.path("Node Type").asString("").endsWith("Sort"))
        .flatMap(sort -> nodes(sort).stream())
        .filter(node -> node.has("Index Name"))
        .map(node -> node.get("Index Name").asString())
        .toList();
  }

  /** The indexes that are used. */
  List<String> indexes() {
    return nodes(root).stream()
        .filter(node -> node.has("Index Name"))
        .map(node -> node.get("Index Name").asString())
        .toList();
  }

  /** Each use of an index: its name, the direction, and the condition on it. */
  List<String> scans() {
    return nodes(root).stream()
        .filter(node -> node.has("Index Name"))
        .map(
            node ->
                node.get("Index Name").asString()
                    + " "
                    + node.path("Scan Direction").asString("")
                    + " "
                    + node.path("Index Cond").asString(""))
        .toList();
  }

  /** The indexes that are read from their end. */
  List<String> indexesReadBackward() {
    return nodes(root).stream()
        .filter(node -> node.path("Scan Direction").asString("").equals("Backward"))
        .map(node -> node.get("Index Name").asString())
        .toList();
  }

  private static List<JsonNode> nodes(JsonNode node) {
    List<JsonNode> all = new ArrayList<>(List.of(node));
    node.path("Plans").forEach(child -> all.addAll(nodes(child)));
    return all;
  }

  @Override
  public String toString() {
    return root.toPrettyString();
  }
}
