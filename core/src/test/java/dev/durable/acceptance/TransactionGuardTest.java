package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.TransactionBody;
import dev.durable.workflow.Workflow;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

/** Whichever door a body tries, only the engine ends its transaction. */
@ExtendWith(DatabaseExtension.class)
class TransactionGuardTest {

  private final TestDatabase db;

  TransactionGuardTest(TestDatabase db) {
    this.db = db;
    db.script("create table if not exists booked (item text not null); truncate booked");
  }

  private interface Door {
    void open(Connection connection) throws Exception;
  }

  private static Workflow<String, String> booking(TransactionBody<String, String, String> body) {
    return Workflow.define("booking", String.class).transaction("book", body).build();
  }

  private static void book(Connection connection, String item) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement("insert into booked values (?)")) {
      insert.setString(1, item);
      insert.executeUpdate();
    }
  }

  private static Map<String, Door> closedDoors() {
    Map<String, Door> doors = new LinkedHashMap<>();
    doors.put("commit", Connection::commit);
    doors.put("rollback", Connection::rollback);
    doors.put("close", Connection::close);
    doors.put("abort", connection -> connection.abort(Runnable::run));
    doors.put("setAutoCommit true", connection -> connection.setAutoCommit(true));
    doors.put("setAutoCommit false", connection -> connection.setAutoCommit(false));
    doors.put("unwrap", connection -> connection.unwrap(Connection.class));
    doors.put("unwrap PGConnection", connection -> connection.unwrap(PGConnection.class));
    doors.put("setNetworkTimeout", connection -> connection.setNetworkTimeout(Runnable::run, 1));
    doors.put("setReadOnly", connection -> connection.setReadOnly(true));
    doors.put(
        "setTransactionIsolation",
        connection -> connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE));
    doors.put("beginRequest", Connection::beginRequest);
    doors.put("endRequest", Connection::endRequest);
    doors.put("setShardingKey", connection -> connection.setShardingKey(null));
    doors.put("setShardingKeyIfValid", connection -> connection.setShardingKeyIfValid(null, 1));
    doors.put(
        "metadata's connection", connection -> connection.getMetaData().getConnection().commit());
    doors.put(
        "statement's connection",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.getConnection().commit();
          }
        });
    doors.put(
        "statement unwrapped",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.unwrap(Statement.class);
          }
        });
    doors.put(
        "result's statement's connection",
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet rows = statement.executeQuery("select 1")) {
            rows.getStatement().getConnection().commit();
          }
        });
    doors.put(
        "metadata's result's statement's connection",
        connection -> {
          try (ResultSet rows = connection.getMetaData().getSchemas()) {
            rows.getStatement().getConnection().commit();
          }
        });
    doors.put(
        "array's result's connection",
        connection -> {
          Array array = connection.createArrayOf("int", new Integer[] {1});
          array.getResultSet().getStatement().getConnection().commit();
        });
    doors.put(
        "row's array's result's connection",
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet rows = statement.executeQuery("select array[1, 2]")) {
            rows.next();
            Array array = (Array) rows.getObject(1);
            array.getResultSet().getStatement().getConnection().commit();
          }
        });
    doors.put(
        "cursor's connection",
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet rows = statement.executeQuery("select opened()")) {
            rows.next();
            ((ResultSet) rows.getObject(1)).getStatement().getConnection().commit();
          }
        });
    doors.put(
        "cursor of a call",
        connection -> {
          try (CallableStatement call = connection.prepareCall("{? = call opened()}")) {
            call.registerOutParameter(1, Types.REF_CURSOR);
            call.execute();
            ((ResultSet) call.getObject(1)).getStatement().getConnection().commit();
          }
        });
    for (String sql :
        List.of(
            "commit",
            "select 1; /* /* */ */ commit",
            "-- x\rrollback",
            "select 1 as a$x$; commit; select 1 as b$x$",
            "select $a$;$a$; end",
            "prepare transaction 'x'",
            "commit; begin")) {
      doors.put(
          "execute " + sql,
          connection -> {
            try (Statement statement = connection.createStatement()) {
              statement.execute(sql);
            }
          });
      doors.put(
          "batch " + sql,
          connection -> {
            try (Statement statement = connection.createStatement()) {
              statement.addBatch(sql);
              statement.executeBatch();
            }
          });
      doors.put(
          "prepare " + sql,
          connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
              statement.execute();
            }
          });
      doors.put(
          "call " + sql,
          connection -> {
            try (CallableStatement statement = connection.prepareCall(sql)) {
              statement.execute();
            }
          });
    }
    return doors;
  }

  @Test
  @Proves({"G5", "F3.2"})
  @DisplayName("Each door to the end of the transaction is closed, and says why")
  void eachDoorIsClosed() {
    db.script(
        "create or replace function opened() returns refcursor language plpgsql as"
            + " $$ declare c refcursor; begin open c for select 1; return c; end $$");
    List<String> open = new CopyOnWriteArrayList<>();
    Workflow<String, String> workflow =
        booking(
            (text, tx) -> {
              book(tx.connection(), text);
              closedDoors()
                  .forEach(
                      (name, door) -> {
                        try {
                          door.open(tx.connection());
                          open.add(name);
                        } catch (Exception refusal) {
                          if (!String.valueOf(refusal.getMessage())
                              .contains("the engine commits")) {
                            open.add(name + ": " + refusal);
                          }
                        }
                      });
              return text;
            });
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(EVENTUALLY)).isEqualTo("x");
    }
    assertThat(open).isEmpty();
    assertThat(db.rows("select item from booked")).containsExactly("x");
  }

  @Test
  @Proves("G5")
  @DisplayName("Everyday JDBC goes through the guard")
  void everydayJdbcWorks() {
    Workflow<String, String> workflow =
        booking(
            (text, tx) -> {
              Connection connection = tx.connection();
              assertThat(connection.isWrapperFor(PGConnection.class)).isFalse();
              assertThat(connection.isClosed()).isFalse();
              assertThat(connection.getAutoCommit()).isFalse();
              assertThat(List.of(connection)).contains(connection);
              Savepoint before = connection.setSavepoint("a");
              book(connection, "undone");
              connection.rollback(before);
              connection.releaseSavepoint(connection.setSavepoint());
              Array items = connection.createArrayOf("text", new String[] {text, "y"});
              try (PreparedStatement insert =
                  connection.prepareStatement("insert into booked select unnest(?)")) {
                insert.setArray(1, items);
                assertThat(insert.executeUpdate()).isEqualTo(2);
                insert.setObject(1, items);
                insert.addBatch();
                insert.executeBatch();
              }
              return text;
            });
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(EVENTUALLY)).isEqualTo("x");
    }
    assertThat(db.rows("select item from booked")).containsExactly("x", "y", "x", "y");
  }

  @Test
  @Proves("F3.2")
  @DisplayName("Objects that a body has kept are useless after its end")
  void whatIsKeptIsOfNoUse() throws SQLException {
    AtomicReference<Connection> connection = new AtomicReference<>();
    AtomicReference<Statement> statement = new AtomicReference<>();
    AtomicReference<PreparedStatement> prepared = new AtomicReference<>();
    Workflow<String, String> workflow =
        booking(
            (text, tx) -> {
              connection.set(tx.connection());
              statement.set(tx.connection().createStatement());
              prepared.set(tx.connection().prepareStatement("insert into booked values ('late')"));
              return text;
            });
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(EVENTUALLY)).isEqualTo("x");
      for (Door late :
          List.<Door>of(
              Connection::createStatement,
              Connection::setSavepoint,
              kept -> book(kept, "late"),
              kept -> statement.get().execute("insert into booked values ('late')"),
              kept -> prepared.get().executeUpdate(),
              kept -> statement.get().getConnection())) {
        assertThatThrownBy(() -> late.open(connection.get()))
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("has ended");
      }
      assertThat(connection.get().isClosed()).isTrue();
      prepared.get().close();
      assertThat(prepared.get().isClosed()).isTrue();
    }
    assertThat(db.rows("select item from booked")).isEmpty();
  }

  @Test
  @Proves("F3.2")
  @DisplayName("A body whose own thread still uses the connection when it returns has failed")
  void anotherThreadStillUsesIt() {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    Workflow<String, String> workflow =
        booking(
            (text, tx) -> {
              book(tx.connection(), text);
              Thread.startVirtualThread(
                  () -> {
                    try (Statement statement = tx.connection().createStatement()) {
                      statement.execute("select pg_sleep(600)");
                    } catch (SQLException cancelled) {
                      failures.add(cancelled);
                    }
                  });
              Gate.until(() -> sleepers() == 1);
              return text;
            });
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(EVENTUALLY))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("another thread");
      Gate.until(() -> sleepers() == 0 && failures.size() == 1);
    }
    assertThat(db.rows("select item from booked")).isEmpty();
  }

  private long sleepers() {
    return db.number(
        "select count(*) from pg_stat_activity where datname = current_database()"
            + " and state = 'active' and query like 'select pg_sleep%'");
  }

  @Test
  @Proves("F1.3")
  @DisplayName("A body that closes its connection through a hole has failed")
  void aHoleInTheGuard() {
    AtomicReference<Connection> hole = new AtomicReference<>();
    Workflow<String, String> workflow =
        booking(
            (text, tx) -> {
              book(tx.connection(), text);
              hole.get().close();
              return text;
            });
    var pool =
        (javax.sql.DataSource)
            Proxy.newProxyInstance(
                TransactionGuardTest.class.getClassLoader(),
                new Class<?>[] {javax.sql.DataSource.class},
                (self, method, arguments) -> {
                  Connection fresh = db.newConnection();
                  if (Thread.currentThread().isVirtual()) {
                    hole.set(fresh);
                  }
                  return fresh;
                });
    try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(EVENTUALLY))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("closed its connection");
    }
    assertThat(db.rows("select item from booked")).isEmpty();
  }
}
