package dev.durable.internal.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/**
 * Sends hints within the caller's transaction, whose commit the engine does not see: if it rolls
 * back, no hint is sent.
 *
 * @param connection the caller's
 * @param schema whose channel it is
 */
public record CallerHints(Connection connection, Schema schema) implements HintSender {

  @Override
  public void send(Collection<String> hints) {
    List<String> fitting = HintStatement.fitting(hints);
    if (fitting.isEmpty()) {
      return;
    }
    try {
      HintStatement.notify(schema, fitting).within(connection);
    } catch (SQLException refused) {
      throw SqlErrors.translate("send the hints of this transaction", refused);
    }
  }
}
