package dev.durable.internal.store;

import java.util.Collection;
import java.util.List;

/**
 * Tells workers, in a hint each, what may concern them: {@code q<queue>} work that is due, {@code
 * e<id>} something that was sent to an execution, {@code c<id>:<token>} an execution that its owner
 * has lost. Hints are an optimisation: without them workers find the same out later.
 */
@FunctionalInterface
public interface HintSender {

  /** Sends no hints. */
  HintSender SILENT = hints -> {};

  /** Names no table, so that whatever goes wrong here is not the data's affair. */
  StatementTemplate NOTIFY =
      new StatementTemplate(
          "HintSender.NOTIFY",
          """
          select pg_catalog.count(pg_catalog.pg_notify(?::text, h.hint))
          from (select pg_catalog.unnest(?::text[]) as hint) h
          """);

  /** For the registry. */
  List<StatementTemplate> STATEMENTS = List.of(NOTIFY);

  /** The statement that sends hints on a schema's channel. */
  static Pipeline notification(Schema schema, Collection<String> hints) {
    return new Pipeline()
        .add(
            schema.of(NOTIFY),
            bind -> bind.text(schema.channel()).texts(List.copyOf(hints), hint -> hint));
  }

  /** Tells what has been committed. */
  void send(Collection<String> hints);
}
