package dev.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.Database;
import dev.durable.internal.store.ExecutionStore;
import dev.durable.internal.store.ExecutionStore.End;
import dev.durable.internal.store.Sql;
import dev.durable.internal.store.TimeOrderedIds;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayName("Who asks after a retry hears of no end before it")
@ExtendWith(DatabaseExtension.class)
class ResultsTest {

  private final TestDatabase db;
  private final UUID id = TimeOrderedIds.next();
  private final Gate answer = new Gate();

  ResultsTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  void alsoWhenTheAnswerToAnotherIsUnderWay() throws Exception {
    insert("failed");
    try (Results results = results()) {
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
  void alsoWhenTheNodeIsLateToSayThatItFailed() throws Exception {
    insert("pending");
    try (Results results = results()) {
      CompletableFuture<End> end = results.of(id, true);
      answer.awaitReached();
      results.announce(id, new End(ExecutionStatus.FAILED, null, ErrorInfo.of("old", "", null)));
      complete();
      answer.open();
      assertThat(end.get(20, TimeUnit.SECONDS).status()).isEqualTo(ExecutionStatus.COMPLETED);
    }
  }

  /** Its first answer is read, and then waits at the gate. */
  private Results results() {
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
    return new Results(
        new ExecutionStore(new Database(held), new Sql("durable")),
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
