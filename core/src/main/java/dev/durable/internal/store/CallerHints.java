package dev.durable.internal.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/**
 * Sends hints within the caller's transaction, whose commit nothing else notices: if it rolls back,
 * nothing has been told.
 *
 * @param connection the caller's
 * @param schema whose channel it is
 */
public record CallerHints(Connection connection, Schema schema) implements HintSender {

  @Override
  public void send(Collection<String> hints) {
    List<String> told = HintStatement.fitting(hints);
    if (told.isEmpty()) {
      return;
    }
    try {
      HintStatement.notify(schema, told).within(connection);
    } catch (SQLException refused) {
      throw SqlErrors.translate("tell workers of what this transaction does", refused);
    }
  }
}
