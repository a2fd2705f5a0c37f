package dev.durable.acceptance;

import static dev.durable.acceptance.Bookings.book;
import static dev.durable.acceptance.Bookings.execute;
import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.ExecutionRows;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a transaction step does when its body, its connection or the database fails. */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
@DisplayName("Collisions, locks and limits of transaction steps")
class TransactionCollisionTest {

  private final TestDatabase db;
  private final Bookings bookings;

  TransactionCollisionTest(TestDatabase db) {
    this.db = db;
    this.bookings = new Bookings(db);
  }

  enum Wrapping {
    BARE,
    CAUSE,
    DEEP,
    WITHOUT_CAUSE,
    SWALLOWED;

    void wrap(SQLException failure) throws Exception {
      switch (this) {
        case BARE -> throw failure;
        case CAUSE -> throw new IllegalStateException("a library's", failure);
        case DEEP -> throw new Error(new RuntimeException(new IllegalStateException(failure)));
        case WITHOUT_CAUSE -> throw new IllegalStateException("a library's");
        case SWALLOWED -> {}
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F1.4")
  @DisplayName("A collision is run again and not counted, whatever wraps it")
  void aCollisionIsNotCounted(Wrapping wrapping) {
    for (String state : List.of("40001", "40P01")) {
      bookings.runs().set(0);
      db.script("truncate booked");
      bookings.completesInItsFirstAttempt(
          db.dataSource(),
          bookings.booking(
              (text, tx) -> {
                book(tx, text);
                if (bookings.runs().get() < 3) {
                  try {
                    execute(
                        tx,
                        "do $$ begin raise exception 'x' using errcode = '" + state + "'; end $$");
                  } catch (SQLException collision) {
                    wrapping.wrap(collision);
                  }
                }
                return text;
              }));
      assertThat(bookings.runs()).hasValue(3);
    }
  }

  @Test
  @Proves("F1.4")
  @DisplayName("A collision of another database, or one that the body makes up, is its failure")
  void aForeignCollisionIsTheBodys() {
    String told =
        bookings.failsTwice(
            db.dataSource(),
            bookings.booking(
                (text, tx) -> {
                  throw new IllegalStateException(
                      "elsewhere", new SQLException("could not serialize", "40001"));
                }));
    assertThat(told).contains("elsewhere");
  }

  @Test
  @Proves("F1.4")
  @DisplayName("A collision that a savepoint has undone is over")
  void aCollisionBeforeASavepointIsOver() {
    bookings.failsTwice(
        db.dataSource(),
        bookings.booking(
            (text, tx) -> {
              var before = tx.connection().setSavepoint();
              try {
                execute(tx, "do $$ begin raise exception 'x' using errcode = '40001'; end $$");
              } catch (SQLException collision) {
                tx.connection().rollback(before);
              }
              throw new IllegalStateException("out of stock");
            }));
  }

  @Test
  @Proves("F1.5")
  @DisplayName("A lock timeout of the body's own is its failure")
  void theBodysLockTimeout() throws SQLException {
    try (Connection other = db.newConnection();
        Statement locks = other.createStatement()) {
      other.setAutoCommit(false);
      locks.execute("update account set owner = 2");
      String told =
          bookings.failsTwice(
              db.dataSource(),
              bookings.booking(
                  (text, tx) -> {
                    execute(tx, "set local lock_timeout = '10ms'");
                    execute(tx, "update account set owner = 3");
                    return text;
                  }));
      assertThat(told).contains("lock timeout");
      other.rollback();
    }
  }

  @Test
  @Proves("F1.5")
  @DisplayName("A lock that the checkpoint does not get in time counts no attempt")
  void theCheckpointsLockTimeout() throws SQLException {
    AtomicBoolean held = new AtomicBoolean();
    try (Connection other = db.newConnection()) {
      Workflow<String, String> workflow =
          bookings.booking(
              (text, tx) -> {
                if (bookings.runs().get() == 1) {
                  ExecutionRows.lock(other, tx.execution().id());
                  held.set(true);
                } else if (held.getAndSet(false)) {
                  other.rollback();
                }
                book(tx, text);
                // Limits that the body chooses for itself are not those of the checkpoint.
                execute(tx, "set local lock_timeout = '20ms'");
                return text;
              });
      bookings.completesInItsFirstAttempt(db.dataSource(), workflow);
    }
  }

  @Test
  @Proves("F1.5")
  @DisplayName("Limits that a body sets for itself do not hold for its checkpoint")
  void theBodysLimitsEndWithIt() throws SQLException {
    try (Connection other = db.newConnection()) {
      Workflow<String, String> workflow =
          bookings.booking(
              (text, tx) -> {
                ExecutionRows.lock(other, tx.execution().id());
                book(tx, text);
                execute(tx, "set local statement_timeout = '100ms'");
                return text;
              });
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        Gate.until(
            () ->
                db.number(
                        "select count(*) from pg_stat_activity where datname = current_database()"
                            + " and wait_event_type = 'Lock'"
                            + " and clock_timestamp() - query_start > interval '300ms'")
                    >= 1);
        other.rollback();
        assertThat(handle.result(EVENTUALLY)).isEqualTo("x");
        assertThat(bookings.runs()).hasValue(1);
      }
    }
  }
}
