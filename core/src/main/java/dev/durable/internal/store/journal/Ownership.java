package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Parameters;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/** An execution and the fencing token under which its owner writes. */
public record Ownership(UUID id, long token) {

  /** Binds two columns: the executions and the tokens. */
  public static Parameters bind(Parameters bind, List<Ownership> owners) throws SQLException {
    return bind.uuids(owners, Ownership::id).longs(owners, Ownership::token);
  }
}
