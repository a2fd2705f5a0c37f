package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Parameters;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An execution that may have ended.
 *
 * @param token its token at the end; null for the one that it has now
 */
public record EndedRow(UUID id, @Nullable Long token) {

  /** The executions of a batch whose ends are reported to their parents. */
  static List<EndedRow> of(EntryBatch batch) {
    return Stream.concat(
            of(batch.ended()).stream(),
            batch.revived().stream().map(each -> new EndedRow(each.child(), null)))
        .toList();
  }

  static List<EndedRow> of(List<Ownership> owners) {
    return owners.stream().map(owner -> new EndedRow(owner.id(), owner.token())).toList();
  }

  /** Binds two columns: the executions and the tokens. */
  static Parameters bind(Parameters bind, List<EndedRow> ended) throws SQLException {
    return bind.uuids(ended, EndedRow::id).longs(ended, EndedRow::token);
  }
}
