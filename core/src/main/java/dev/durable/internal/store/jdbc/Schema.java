package dev.durable.internal.store.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The schema of the tables: fills statements with its name, and with the expressions that they
 * share.
 *
 * <p>Statements are text blocks with {@code ${schema}}, {@code ${now}} and {@code ${owned}} (of the
 * execution {@code e}). Now is the database's clock; PostgreSQL treats it as stable within a
 * statement, so comparisons with it can use an index.
 *
 * <p>{@code ${clock}} is the common table expression {@code t}, in front of a statement: the time
 * at which its transaction began, bound as the text {@code now}, which the server reads. So no
 * function in a statement that names a table is anything but immutable. {@code ${time}} is that
 * time, {@code ${after: wait}} the time a number of microseconds later, or null, and {@code
 * ${until: time}} the number of microseconds until a time, at most 100 years, or null. {@code
 * ${since: time}} is the number of microseconds since a time, from 0 to 100 years.
 *
 * <p>{@code ${rows: id uuid, seq int}} are the rows of arrays of the same length, a parameter for
 * each column. They are unnested in a select list: in {@code from unnest(?, ?)} PostgreSQL makes a
 * tuplestore of at least 16 KB for each array, which took a sixth of a backend's time.
 */
public final class Schema {

  private static final String NOW = "statement_timestamp()";

  /**
   * Not {@code is not null}: that would allow PostgreSQL to look an id up in the partial index of
   * owned executions, which seems to be empty when it was last analyzed at a quiet moment, and to
   * read all of it for each id.
   */
  private static final String OWNED = "pg_catalog.num_nonnulls(e.locked_by) = 1";

  /** The database's clock, bound as a parameter: {@link Parameters#now}. */
  private static final String CLOCK =
      "t as materialized (select n.now, n.now at time zone 'UTC' as utc"
          + " from (select ?::timestamptz as now) n)";

  private static final String TIME = "(select t.now from t)";

  private static final Pattern AFTER = Pattern.compile("\\$\\{after: ([^}]*)\\}");
  private static final String IN =
      "(((select t.utc from t) + ($1)::float8 * interval '1 microsecond') at time zone 'UTC')";

  private static final Pattern UNTIL = Pattern.compile("\\$\\{until: ([^}]*)\\}");
  private static final String MICROS =
      """
      case when $1 is not null then (extract(epoch from
                    greatest(least($1 at time zone 'UTC',
                                   (select utc from t) + interval '36500 days'),
                             (select utc from t) - interval '1 day')
                    - (select utc from t)) * 1000000::numeric)::bigint end""";

  private static final Pattern SINCE = Pattern.compile("\\$\\{since: ([^}]*)\\}");
  private static final String AGE =
      """
      (extract(epoch from (select utc from t)
                    - greatest(least($1 at time zone 'UTC', (select utc from t)),
                               (select utc from t) - interval '36500 days'))
                    * 1000000::numeric)::bigint""";

  private static final Pattern ROWS = Pattern.compile("\\$\\{rows: ([^}]*)\\}");
  private static final Pattern COLUMN = Pattern.compile("(\\w+) (\\w+)");

  private final String prefix;
  private final String schema;
  private final String channel;
  private final Map<StatementTemplate, String> texts = new ConcurrentHashMap<>();

  /**
   * @param prefix the schema's plain name
   */
  public Schema(String prefix) {
    this.prefix = prefix;
    this.schema = quoted(prefix);
    this.channel = "durable_" + UUID.nameUUIDFromBytes(prefix.getBytes(StandardCharsets.UTF_8));
  }

  /** The text of a statement for this schema. */
  public String of(StatementTemplate template) {
    return texts.computeIfAbsent(template, missing -> of(missing.text()));
  }

  /** The same for a statement that is not in the registry. */
  public String of(String template) {
    String text =
        template
            .replace("${clock}", CLOCK)
            .replace("${time}", TIME)
            .replace("${now}", NOW)
            .replace("${owned}", OWNED)
            .replace("${schema}", schema);
    text = AFTER.matcher(text).replaceAll(IN);
    text = UNTIL.matcher(text).replaceAll(MICROS);
    text = SINCE.matcher(text).replaceAll(AGE);
    return text.contains("${rows:")
        ? ROWS.matcher(text).replaceAll(rows -> "(select " + columns(rows.group(1)) + ")")
        : text;
  }

  /** A name as a quoted identifier. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String columns(String names) {
    return COLUMN.matcher(names).replaceAll("pg_catalog.unnest(?::$2[]) as $1");
  }

  /** The schema's plain name, for messages. */
  public String prefix() {
    return prefix;
  }

  /** The channel on which workers of this schema send hints to each other. */
  public String channel() {
    return channel;
  }
}
