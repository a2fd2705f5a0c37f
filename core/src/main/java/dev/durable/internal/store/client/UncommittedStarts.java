package dev.durable.internal.store.client;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.StartRow;
import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Keys of executions that a thread has started in a transaction of its own, or whose input a start
 * of it has replaced there. A start with the same key waits until that transaction ends, which only
 * the waiting thread itself could do.
 */
public final class UncommittedStarts {

  /** The most keys kept for a thread; a start with an older one waits until its time limit. */
  private static final int MOST = 100;

  /** The execution that has a key, and the start whose input it has. */
  private static final StatementTemplate HOLDER =
      new StatementTemplate(
          "UncommittedStarts.HOLDER",
          """
          select e.id, coalesce(e.debounced_by, e.id)
          from ${schema}.workflow_executions e
          where e.workflow_name = ?::text and e.workflow_key = ?::text
          """);

  public static final List<StatementTemplate> STATEMENTS = List.of(HOLDER);

  private final Database database;
  private final Schema schema;
  private final ThreadLocal<Map<Key, Uncommitted>> mine = ThreadLocal.withInitial(Newest::new);

  private record Key(String workflow, String key) {}

  private record Holder(UUID execution, UUID start) {}

  private record Uncommitted(UUID start, WeakReference<Connection> holder) {}

  private static final class Newest extends LinkedHashMap<Key, Uncommitted> {

    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Key, Uncommitted> eldest) {
      return size() > MOST;
    }
  }

  /**
   * @param database to see what has been committed
   */
  public UncommittedStarts(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /** Remembers that this thread has started an execution in the transaction of a connection. */
  public void add(StartRow row, Connection connection) {
    if (row.key() != null) {
      Uncommitted start = new Uncommitted(row.id(), new WeakReference<>(connection));
      mine.get().put(new Key(row.workflow(), row.key()), start);
    }
  }

  /**
   * Refuses a start that would wait for this thread's own transaction.
   *
   * @param connection the connection that the start uses; null for one of the engine's own
   * @throws IllegalStateException if another connection of this thread holds the key, uncommitted
   */
  public void refuse(StartRow row, @Nullable Connection connection) {
    if (row.key() == null || mine.get().isEmpty()) {
      return;
    }
    Key key = new Key(row.workflow(), row.key());
    Uncommitted start = mine.get().get(key);
    Connection holder = start == null ? null : start.holder.get();
    if (start == null || holder == null || !isOpen(holder)) {
      mine.get().remove(key);
    } else if (!isSame(holder, connection)) {
      refuse(key, start.start, holder);
    }
    if (mine.get().isEmpty()) {
      mine.remove();
    }
  }

  /** The key may also belong to a committed execution, from which the uncommitted one takes it. */
  private void refuse(Key key, UUID start, Connection holder) {
    if (find(database, key).filter(found -> found.start.equals(start)).isPresent()) {
      mine.get().remove(key);
      return;
    }
    Optional<Holder> own = find(database.using(holder), key);
    if (own.filter(found -> found.start.equals(start)).isPresent()) {
      throw new IllegalStateException(
          "Execution "
              + own.get().execution
              + " of workflow '"
              + key.workflow
              + "' has key '"
              + key.key
              + "'. It was started by this thread in a transaction that has not ended, so the start"
              + " would wait for itself. Commit that transaction first, or start in it:"
              + " durable.using(connection).start(...).");
    }
  }

  private Optional<Holder> find(Database where, Key key) {
    return where.query(
        "find the execution that has a key",
        schema.of(HOLDER),
        bind -> bind.text(key.workflow).text(key.key),
        Answer.first(
            row -> new Holder(row.getObject(1, UUID.class), row.getObject(2, UUID.class))));
  }

  private static boolean isOpen(Connection connection) {
    BaseConnection driver = driver(connection);
    return driver != null && driver.getTransactionState() == TransactionState.OPEN;
  }

  @SuppressWarnings("ReferenceEquality") // Identity is what is meant.
  private static boolean isSame(Connection holder, @Nullable Connection connection) {
    return connection != null && driver(holder) == driver(connection);
  }

  /** The driver's connection behind a pool's; null if there is none, or it has been given back. */
  private static @Nullable BaseConnection driver(Connection connection) {
    try {
      return !connection.isClosed() && connection.isWrapperFor(BaseConnection.class)
          ? connection.unwrap(BaseConnection.class)
          : null;
    } catch (SQLException broken) {
      return null;
    }
  }
}
