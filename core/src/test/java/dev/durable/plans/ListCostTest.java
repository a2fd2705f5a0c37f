package dev.durable.plans;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.store.client.QueryStore;
import dev.durable.internal.store.client.QuestionStore;
import dev.durable.internal.store.client.QueueStateStore;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.question.QuestionQuery;
import dev.durable.question.QuestionStatus;
import dev.durable.queue.QueueStats;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On 100,000 executions and as many questions, of which a few are asked for. */
@Proves("F12.3")
@DisplayName("A list reads little more than it shows")
class ListCostTest {

  private static final Schema SQL = new Schema("durable");
  private static final int MANY = 100_000;
  private static TestDatabase db;

  @BeforeAll
  static void fill() {
    db = TestDatabase.migrated();
    db.makeUnlogged();
    db.script(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, status, input, tags, wake_at, locked_by,
           completed_at, output, error, inserted_at, updated_at)
        select (lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
               'order', 1, status, '{}', jsonb_build_object('customer', (n %% 20000)::text),
               case when status = 'pending' then now() + interval '1 day' end,
               case when status = 'running' then gen_random_uuid() end,
               case when status = 'completed' then now() end, '{}', '{}',
               now() + (n - %1$d) * interval '1 minute', now()
        from (select n, case when n between 500 and 520 then 'failed'
                             when n between 600 and 620 then 'cancelled'
                             when n between 700 and 720 then 'compensated'
                             when n between 800 and 820 then 'compensation_failed'
                             when n between 900 and 920 then 'parked'
                             when n between 1000 and 1020 then 'compensating'
                             when n between 1100 and 1120 then 'running'
                             when n between 1200 and 1220 then 'pending'
                             when n between 1300 and 1320 then 'waiting'
                             else 'completed' end as status
              from generate_series(1, %1$d) n) rows;
        insert into durable.pending_inputs
          (id, workflow_id, input_name, path, input_type, assignees, status, inserted_at)
        select gen_random_uuid(), id, 'ask', 'ask', 'text', array['person-' || right(id::text, 4)],
               case when right(id::text, 2) = '07' then 'completed' else 'pending' end, inserted_at
        from durable.workflow_executions;
        """
            .formatted(MANY));
    db.script("vacuum analyze durable.workflow_executions");
    db.script("vacuum analyze durable.pending_inputs");
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @ParameterizedTest
  @DisplayName("Listing executions of a rare status reads few pages")
  @EnumSource(value = ExecutionStatus.class, names = "COMPLETED", mode = EnumSource.Mode.EXCLUDE)
  void rareStatuses(ExecutionStatus status) throws SQLException {
    assertThat(listing(q -> q.status(status), 21)).isLessThan(100);
  }

  @Test
  @DisplayName("Listing executions of several rare statuses reads few pages")
  void severalRareStatuses() throws SQLException {
    assertThat(
            listing(
                q ->
                    q.status(
                        ExecutionStatus.FAILED, ExecutionStatus.RUNNING, ExecutionStatus.PENDING),
                51))
        .isLessThan(150);
  }

  @Test
  @DisplayName("Listing executions by tag reads few pages")
  void tags() throws SQLException {
    assertThat(listing(q -> q.tag("customer", "77"), 5)).isLessThan(100);
  }

  @Test
  @DisplayName("Listing executions since or until a moment reads few pages")
  void times() throws SQLException {
    Instant last =
        Instant.parse(
            db.rows(
                    "select to_char(max(inserted_at) at time zone 'UTC',"
                        + " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from durable.workflow_executions")
                .getFirst());
    Instant minutesAgo = last.minus(Duration.ofMinutes(20));
    assertThat(listing(q -> q.since(minutesAgo), 20)).isLessThan(500);
    Instant first = last.minus(Duration.ofMinutes(MANY - 10));
    assertThat(listing(q -> q.until(first), 10)).isLessThan(500);
  }

  @Test
  @DisplayName("Counting executions by status reads few pages")
  void counts() throws SQLException {
    assertThat(counting(q -> {})).isLessThan(1_500);
    assertThat(counting(q -> q.status(ExecutionStatus.FAILED))).isLessThan(100);
    Map<ExecutionStatus, Long> counts =
        new QueryStore(new Database(db.dataSource()), SQL)
            .countByStatus(ExecutionQuery.of(all -> {}));
    assertThat(counts).hasSize(ExecutionStatus.values().length);
    assertThat(counts.get(ExecutionStatus.COMPLETED)).isEqualTo(MANY - 9 * 21);
    assertThat(counts).containsEntry(ExecutionStatus.WAITING, 21L);
  }

  @Test
  @DisplayName("Listing questions by assignee or status reads few pages")
  void questions() throws SQLException {
    assertThat(asking(q -> q.assignee("person-0123"))).isLessThan(100);
    assertThat(asking(q -> q.assignee("person-0123", "person-0124"))).isLessThan(150);
    assertThat(asking(q -> q.assignee("person-0107").status(QuestionStatus.COMPLETED)))
        .isLessThan(100);
    assertThat(asking(q -> q.status(QuestionStatus.COMPLETED))).isLessThan(600);
    assertThat(asking(q -> q.status(QuestionStatus.TIMEOUT))).isLessThan(50);
  }

  @Test
  @DisplayName("Looking at queues reads what has not ended, and little of what has")
  void queues() throws SQLException {
    db.update("insert into durable.queues (name, first_seen_at) values ('default', now())");
    try (Connection connection = db.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      Measured measured = new Measured(connection, "started_minute");
      Database database = new Database(db.dataSource()).using(measured.connection());
      QueueStateStore store = new QueueStateStore(database, SQL);
      QueueStats stats = store.list().getFirst().stats();
      assertThat(measured.buffers()).isLessThan(300);
      assertThat(store.find("default").orElseThrow().stats()).isEqualTo(stats);
      connection.rollback();
      assertThat(stats)
          .returns(0L, QueueStats::due)
          .returns(21L, QueueStats::delayed)
          .returns(21L, QueueStats::running)
          .returns(42L, QueueStats::waiting)
          .returns(0L, QueueStats::startedLastHour);
    }
  }

  @Test
  @DisplayName("Deleting executions does not read all questions for each")
  void deleting() throws SQLException {
    try (Connection connection = db.newConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "delete from durable.workflow_executions"
              + " where id < '00000000-0032-7000-8000-000000000000'");
      try (ResultSet row =
          statement.executeQuery(
              "select n_tup_del, seq_tup_read from pg_stat_xact_user_tables"
                  + " where schemaname = 'durable' and relname = 'pending_inputs'")) {
        row.next();
        assertThat(row.getLong(1)).as("deleted").isBetween(40L, 60L);
        assertThat(row.getLong(2)).as("read").isZero();
      }
      connection.rollback();
    }
  }

  private static long listing(Consumer<ExecutionQuery> filter, int expected) throws SQLException {
    ExecutionQuery query = ExecutionQuery.of(filter);
    try (Connection connection = db.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      Measured measured = new Measured(connection, "order by id desc");
      Database database = new Database(db.dataSource()).using(measured.connection());
      int found = new QueryStore(database, SQL).list(query).items().size();
      connection.rollback();
      assertThat(found).isBetween(Math.min(expected, 50) - 2, 50);
      return measured.buffers();
    }
  }

  private static long counting(Consumer<ExecutionQuery> filter) throws SQLException {
    ExecutionQuery query = ExecutionQuery.of(filter);
    try (Connection connection = db.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      Measured measured = new Measured(connection, "count(*)");
      Database database = new Database(db.dataSource()).using(measured.connection());
      new QueryStore(database, SQL).countByStatus(query);
      connection.rollback();
      return measured.buffers();
    }
  }

  private static long asking(Consumer<QuestionQuery> filter) throws SQLException {
    QuestionQuery query = QuestionQuery.of(filter);
    try (Connection connection = db.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      Measured measured = new Measured(connection, "pending_inputs");
      Database database = new Database(db.dataSource()).using(measured.connection());
      new QuestionStore(database, SQL).list(query);
      connection.rollback();
      return measured.buffers();
    }
  }
}
