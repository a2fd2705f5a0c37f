package dev.durable.internal.store.journal;

/** Assignees of questions are bound as JSON, which is one value in a row of many. */
public final class AssigneesSql {

  private AssigneesSql() {}

  /** The column's array of a JSON array, which is given as SQL. */
  public static String ofJson(String json) {
    return "array(select pg_catalog.jsonb_array_elements_text((" + json + ")::jsonb))";
  }
}
