package dev.durable.internal.transaction;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.transaction.RolledBackException.Reason;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Finds out whether the body of a transaction has ended its connection, or another cause did. */
final class LostConnection {

  /** Idle in transaction; transaction too long. */
  private static final Set<String> OF_THE_BODY = Set.of("25P03", "25P04");

  private static final String ASK =
      """
      select
        coalesce((select setting::bigint from pg_catalog.pg_settings
                  where name = 'idle_in_transaction_session_timeout'), 0),
        coalesce((select setting::bigint from pg_catalog.pg_settings
                  where name = 'transaction_timeout'), 0),
        (extract(epoch from pg_catalog.clock_timestamp()
          - pg_catalog.pg_postmaster_start_time()) * 1000)::bigint
      """;

  private final Database database;

  /** The server's limits for transactions, 0 for none, and the time since it started. */
  private record Server(long idleMillis, long transactionMillis, long upMillis) {}

  LostConnection(Database database) {
    this.database = database;
  }

  /**
   * The reason; null if the body itself has ended the connection.
   *
   * @param nanos the duration of the transaction
   */
  @Nullable Reason reason(ConnectionUse use, long nanos) {
    if (OF_THE_BODY.contains(SqlFailure.state(use.lost())) || use.endsItself()) {
      return null;
    }
    Server server = ask();
    if (server == null) {
      return Reason.LOST;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    if (exceeds(use.longestIdleMillis(), server.idleMillis)
        || exceeds(millis, server.transactionMillis)) {
      return null;
    }
    return server.upMillis > millis ? Reason.LOST_ALONE : Reason.LOST;
  }

  private static boolean exceeds(long millis, long limit) {
    return limit > 0 && millis >= limit;
  }

  /** Null if the server does not answer at once: then more than the connection is lost. */
  private @Nullable Server ask() {
    try {
      return database.call(
          "ask why a connection was lost",
          connection -> {
            try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ASK)) {
              row.next();
              return new Server(row.getLong(1), row.getLong(2), row.getLong(3));
            }
          });
    } catch (Throwable away) {
      return null;
    }
  }
}
