package dev.durable.internal.store;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Where the tables are and what time it is: the two things that every statement needs, in one
 * place.
 *
 * <p>Statements are text blocks with {@code ${schema}} and {@code ${now}}. Now is the database's
 * clock; PostgreSQL treats it as stable within a statement, so comparisons with it can use an
 * index.
 */
public final class Sql {

  private static final String NOW = "statement_timestamp()";

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

  /** The statement with schema and time put in. */
  public String of(String template) {
    return template.replace("${now}", NOW).replace("${schema}", schema);
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
