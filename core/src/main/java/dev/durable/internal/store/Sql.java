package dev.durable.internal.store;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What statements share: where the tables are, what time it is, and whether an execution is owned.
 *
 * <p>Statements are text blocks with {@code ${schema}}, {@code ${now}} and {@code ${owned}} (of the
 * execution {@code e}). Now is the database's clock; PostgreSQL treats it as stable within a
 * statement, so comparisons with it can use an index.
 */
public final class Sql {

  private static final String NOW = "statement_timestamp()";

  /**
   * Not {@code is not null}: that would allow PostgreSQL to look an id up in the partial index of
   * what is owned, which seems to be empty when it was last analyzed at a quiet moment, and to read
   * all of it for each id.
   */
  private static final String OWNED = "num_nonnulls(e.locked_by) = 1";

  private final String prefix;
  private final String schema;
  private final String channel;

  /**
   * @param prefix the schema's plain name
   */
  public Sql(String prefix) {
    this.prefix = prefix;
    this.schema = '"' + prefix.replace("\"", "\"\"") + '"';
    this.channel = "durable_" + UUID.nameUUIDFromBytes(prefix.getBytes(StandardCharsets.UTF_8));
  }

  /** The statement with what is shared put in. */
  public String of(String template) {
    return template.replace("${now}", NOW).replace("${owned}", OWNED).replace("${schema}", schema);
  }

  /** The schema's plain name, for messages. */
  public String prefix() {
    return prefix;
  }

  /** The channel on which nodes of this schema tell each other about work. */
  public String channel() {
    return channel;
  }
}
