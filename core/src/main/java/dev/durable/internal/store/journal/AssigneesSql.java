package dev.durable.internal.store.journal;

/** Assignees of questions as JSON, which is one value in a row of many. */
public final class AssigneesSql {

  private AssigneesSql() {}

  /** The column's array of a JSON array, which is given as SQL. */
  public static String ofJson(String json) {
    return "array(select pg_catalog.jsonb_array_elements_text((" + json + ")::jsonb))";
  }

  /**
   * The JSON array of the column's array, which is given as SQL. Functions that make JSON of any
   * type are not immutable; {@code jsonb_object}, which quotes texts as well, is.
   */
  public static String toJson(String array) {
    return """
        (select coalesce('['::text || pg_catalog.string_agg(
           (pg_catalog.jsonb_object(array['a'::text], array[u.name]) -> 'a'::text)::text,
           ','::text order by u.place) || ']'::text, '[]'::text)::jsonb
         from pg_catalog.unnest(${array}) with ordinality as u (name, place))"""
        .replace("${array}", array);
  }
}
