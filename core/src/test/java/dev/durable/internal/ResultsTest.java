package dev.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.client.ResultWaiters;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.ExecutionStore.End;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayName("A waiter that asks after a retry hears of no earlier end")
@ExtendWith(DatabaseExtension.class)
class ResultsTest {

  private static final String ID = "00000000-0000-7000-8000-%012d";

  private final TestDatabase db;
  private final UUID id = TimeOrderedIds.next();
  private final Gate answer = new Gate();

  ResultsTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  void alsoWhenTheAnswerToAnotherIsUnderWay() throws Exception {
    insert("failed");
    try (ResultWaiters results = results()) {
      CompletableFuture<End> before = results.of(id, true);
      answer.awaitReached();
      complete();
      CompletableFuture<End> after = results.of(id, true);
      answer.open();
      assertThat(before.get(20, TimeUnit.SECONDS).status()).isEqualTo(ExecutionStatus.FAILED);
      assertThat(after.get(20, TimeUnit.SECONDS).status()).isEqualTo(ExecutionStatus.COMPLETED);
    }
  }

  @Test
  void alsoWhenTheWorkerIsLateToSayThatItFailed() throws Exception {
    insert("pending");
    try (ResultWaiters results = results()) {
      CompletableFuture<End> end = results.of(id, true);
      answer.awaitReached();
      results.announce(id, new End(ExecutionStatus.FAILED, null, ErrorInfo.of("old", "", null)));
      complete();
      answer.open();
      assertThat(end.get(20, TimeUnit.SECONDS).status()).isEqualTo(ExecutionStatus.COMPLETED);
    }
  }

  @Test
  @Proves("F12.4")
  @DisplayName("Thousands of waiters are polled in turns, at a bounded cost per second")
  void asksForManyInTurns() throws Exception {
    List<Integer> questions = new CopyOnWriteArrayList<>();
    try (ResultWaiters results = results(questions)) {
      List<CompletableFuture<End>> waiters = new ArrayList<>();
      for (int i = 0; i < 10_000; i++) {
        waiters.add(results.of(UUID.fromString(ID.formatted(i)), true));
      }
      questions.clear();
      long begin = System.nanoTime();
      Gate.until(() -> sum(questions) >= 15_000);
      double seconds = (System.nanoTime() - begin) / 1e9;
      List<Integer> asked = List.copyOf(questions);
      assertThat(asked).allMatch(ids -> ids <= ResultWaiters.BATCH);
      assertThat(sum(asked)).isLessThan((int) (ResultWaiters.BATCH * (2 + 50 * seconds)));
      insert("pending");
      complete();
      CompletableFuture<End> newcomer = results.of(id, true);
      assertThat(newcomer.get(20, TimeUnit.SECONDS).status()).isEqualTo(ExecutionStatus.COMPLETED);
      waiters.forEach(waiter -> waiter.cancel(false));
    }
  }

  @Test
  @Proves("F12.4")
  @DisplayName("Each of thousands gets its end, also one that failed and is asked for again")
  void forgetsNoneOfMany() throws Exception {
    try (ResultWaiters results = results(new CopyOnWriteArrayList<>())) {
      db.update(
          "insert into durable.workflow_executions (id, workflow_name, workflow_version, status,"
              + " input, output, lock_token, started_at, inserted_at, updated_at, completed_at)"
              + " select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'order', 1,"
              + " 'completed', '1', n::text::jsonb, 1, now(), now(), now(), now() from generate_series(1, 3000) n");
      List<CompletableFuture<End>> waiters = new ArrayList<>();
      for (int n = 1; n <= 3_000; n++) {
        waiters.add(results.of(UUID.fromString(ID.formatted(n)), n % 2 == 0));
        results.of(TimeOrderedIds.next(), true);
      }
      UUID missing = TimeOrderedIds.next();
      assertThat(results.of(missing, false)).failsWithin(Duration.ofSeconds(20));
      for (int n = 1; n <= 3_000; n++) {
        End end = waiters.get(n - 1).get(20, TimeUnit.SECONDS);
        assertThat(end.output()).isEqualTo("" + n);
      }
    }
  }

  private static int sum(List<Integer> questions) {
    return questions.stream().mapToInt(Integer::intValue).sum();
  }

  /** Notes for how many executions it asks at a time. */
  private ResultWaiters results(List<Integer> questions) {
    DataSource counting =
        proxy(
            DataSource.class,
            (source, get, none) -> {
              Connection connection = db.dataSource().getConnection();
              return proxy(
                  Connection.class,
                  (proxy, method, args) ->
                      method.getName().equals("prepareStatement")
                          ? counting((PreparedStatement) method.invoke(connection, args), questions)
                          : method.invoke(connection, args));
            });
    return new ResultWaiters(
        new ExecutionStore(new Database(counting), new Schema("durable")),
        new Services("results-test", Duration.ofMinutes(1)));
  }

  private static PreparedStatement counting(PreparedStatement statement, List<Integer> questions) {
    return proxy(
        PreparedStatement.class,
        (proxy, method, args) -> {
          if (method.getName().startsWith("set") && String.valueOf(args[1]).contains("-7000-")) {
            questions.add(String.valueOf(args[1]).split(",").length);
          }
          return method.invoke(statement, args);
        });
  }

  /** Its first answer is read, and then waits at the gate. */
  private ResultWaiters results() {
    DataSource held =
        proxy(
            DataSource.class,
            (source, get, none) -> {
              Connection connection = db.dataSource().getConnection();
              return proxy(
                  Connection.class,
                  (proxy, method, args) -> {
                    if (method.getName().equals("close")) {
                      answer.pass();
                    }
                    return method.invoke(connection, args);
                  });
            });
    return new ResultWaiters(
        new ExecutionStore(new Database(held), new Schema("durable")),
        new Services("results-test", Duration.ofMinutes(1)));
  }

  private void insert(String status) {
    db.update(
        "insert into durable.workflow_executions (id, workflow_name, workflow_version, status,"
            + " input, lock_token, wake_at, started_at, inserted_at, updated_at)"
            + " values (?, 'order', 1, ?::text, '1', 1, case when ? then now() end, now(), now(), now())",
        id,
        status,
        status.equals("pending"));
  }

  private void complete() {
    db.update(
        "update durable.workflow_executions set status = 'completed', output = '1', wake_at = null,"
            + " completed_at = now() where id = ?",
        id);
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
