package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Parameters;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/**
 * A child of an execution, and the owner of that execution.
 *
 * @param always whether it ends even if it was to go on without its parent
 */
record ChildRow(UUID child, Ownership owner, boolean always) {

  /** Binds a row for each: the child, its parent, and the parent's token. */
  static Parameters bind(Parameters bind, List<ChildRow> children) throws SQLException {
    return bind.uuids(children, ChildRow::child)
        .uuids(children, each -> each.owner.id())
        .longs(children, each -> each.owner.token());
  }
}
