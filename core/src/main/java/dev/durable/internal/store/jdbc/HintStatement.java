package dev.durable.internal.store.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;

/** The statement that sends hints on the channel of a schema. */
public final class HintStatement {

  /** PostgreSQL refuses payloads of 8000 bytes and more. */
  private static final int LONGEST = 7_999;

  /** Names no table, so that a failure here does not touch data. */
  private static final StatementTemplate NOTIFY =
      new StatementTemplate(
          "HintStatement.NOTIFY",
          """
          select pg_catalog.count(pg_catalog.pg_notify(?::text, h.hint))
          from (select pg_catalog.unnest(?::text[]) as hint) h
          """);

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(NOTIFY);

  private HintStatement() {}

  /** Sends hints, which are {@link #fitting}, to the workers of a schema. */
  static Pipeline notify(Schema schema, List<String> hints) {
    return new Pipeline()
        .add(schema.of(NOTIFY), bind -> bind.text(schema.channel()).texts(hints, hint -> hint));
  }

  /** The hints that PostgreSQL accepts. */
  static List<String> fitting(Collection<String> hints) {
    return hints.stream().filter(HintStatement::fits).toList();
  }

  private static boolean fits(String hint) {
    return hint.length() <= LONGEST
        && hint.getBytes(StandardCharsets.UTF_8).length <= LONGEST
        && hint.indexOf('\0') < 0;
  }
}
