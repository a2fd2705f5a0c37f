package dev.durable.acceptance;

import static dev.durable.IfEnded.RESTART;
import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.TransactionScope;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Restarts of one key at once")
class RestartRaceTest {

  private static final int CALLERS = 12;
  private static final int ROUNDS = 15;
  private static final Event<String> GO = Event.of("go", String.class);

  private static final Workflow<String, String> WAITS =
      Workflow.define("waits", String.class)
          .await("go", GO, (s, got) -> s + got)
          .await("more", Event.of("more", String.class), (s, got) -> s + got)
          .build();

  private final TestDatabase db;

  RestartRaceTest(TestDatabase db) {
    this.db = db;
  }

  private static <T> List<T> atOnce(ExecutorService threads, List<Callable<T>> calls)
      throws Exception {
    CyclicBarrier line = new CyclicBarrier(calls.size());
    List<Future<T>> answers = new ArrayList<>();
    for (Callable<T> call : calls) {
      answers.add(
          threads.submit(
              () -> {
                line.await();
                return call.call();
              }));
    }
    List<T> all = new ArrayList<>();
    for (Future<T> answer : answers) {
      all.add(answer.get());
    }
    return all;
  }

  /** One of the ways to start. */
  private ExecutionHandle<String> restart(Durable via, int caller, String key) throws Exception {
    return switch (caller % 4) {
      case 0 -> via.start(WAITS, "x", o -> o.key(key).ifEnded(RESTART));
      case 1 ->
          via.startAll(WAITS, List.of("x"), (text, o) -> o.key(key).ifEnded(RESTART)).getFirst();
      case 2 -> via.startAndSend(WAITS, "x", GO, "!", o -> o.key(key).ifEnded(RESTART));
      default -> {
        try (Connection connection = db.newConnection()) {
          connection.setAutoCommit(false);
          TransactionScope scope = via.using(connection);
          ExecutionHandle<String> started =
              scope.start(WAITS, "x", o -> o.key(key).ifEnded(RESTART));
          connection.commit();
          yield started;
        }
      }
    };
  }

  @Test
  @DisplayName("start one execution, and one handle says that it is new")
  void startOne() throws Exception {
    try (HikariDataSource pool = db.newPool(30);
        Durable worker = Durable.on(pool).register(WAITS).startWorker();
        Durable other = Durable.on(pool).register(WAITS).startWorker();
        Durable client = Durable.on(pool).register(WAITS).build();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Durable> all = List.of(worker, other, client);
      for (int round = 0; round < ROUNDS; round++) {
        List<Callable<ExecutionHandle<String>>> calls = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
          int caller = i;
          calls.add(() -> restart(all.get(caller % 3), caller, "one"));
        }
        List<ExecutionHandle<String>> handles = atOnce(threads, calls);
        assertThat(handles).extracting(ExecutionHandle::id).containsOnly(handles.get(0).id());
        assertThat(handles).filteredOn(ExecutionHandle::isNew).hasSize(1);
        worker.cancel(handles.get(0).id());
      }
      assertThat(worker.executions(q -> q.workflow("waits").keyHistory("one")).items())
          .hasSize(ROUNDS);
      assertThat(db.violations()).isEmpty();
    }
  }

  @Test
  @DisplayName(
      "An event for a key whose restart is uncommitted waits, and goes to the new execution")
  void eventsGoToTheNewOne() throws Exception {
    try (Durable client = db.start(WAITS);
        Connection connection = db.newConnection();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      client.cancel(client.start(WAITS, "x", o -> o.key("sent")).id());
      connection.setAutoCommit(false);
      UUID second =
          client.using(connection).start(WAITS, "x", o -> o.key("sent").ifEnded(RESTART)).id();
      Future<Delivery> typed = threads.submit(() -> client.sendByKey(WAITS, "sent", GO, "!"));
      Future<Delivery> json =
          threads.submit(() -> client.sendByKey("waits", "sent", "more", "\"!\"", with -> {}));
      db.awaitBlocked(2);
      connection.commit();
      assertThat(typed.get()).isNotEqualTo(Delivery.CLOSED);
      assertThat(json.get()).isNotEqualTo(Delivery.CLOSED);
      assertThat(client.handle(second, WAITS).result(SOON)).isEqualTo("x!!");
      assertThat(client.sendByKey(WAITS, "sent", GO, "!")).isEqualTo(Delivery.CLOSED);
    }
  }

  @Test
  @DisplayName("and lists of them, in any order and beside plain starts, wait for no circle")
  void listsInAnyOrder() throws Exception {
    List<String> keys = IntStream.range(0, 60).mapToObj(i -> "list-" + i).toList();
    AtomicInteger fresh = new AtomicInteger();
    try (Durable one = Durable.on(db.dataSource()).register(WAITS).build();
        Durable two = Durable.on(db.dataSource()).register(WAITS).build();
        Durable worker = db.start(WAITS);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      worker.startAll(WAITS, keys, (key, o) -> o.key(key)).forEach(h -> worker.cancel(h.id()));
      List<Callable<List<ExecutionHandle<String>>>> calls = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Durable via = i % 2 == 0 ? one : two;
        List<String> order = i % 3 == 0 ? keys : keys.reversed();
        boolean plain = i == 5;
        calls.add(
            () ->
                via.startAll(
                    WAITS,
                    order,
                    (key, o) -> {
                      o.key(key);
                      if (!plain) {
                        o.ifEnded(RESTART);
                      }
                    }));
      }
      Set<UUID> ids = new HashSet<>();
      for (List<ExecutionHandle<String>> handles : atOnce(threads, calls)) {
        handles.stream()
            .filter(ExecutionHandle::isNew)
            .forEach(
                handle -> {
                  fresh.incrementAndGet();
                  ids.add(handle.id());
                });
      }
      assertThat(fresh).hasValue(keys.size());
      assertThat(ids).hasSize(keys.size());
      assertThat(
              db.rows(
                  "select count(*), count(distinct workflow_key) from durable.workflow_executions"
                      + " where workflow_name = 'waits' and workflow_key like 'list-%'"))
          .containsExactly(keys.size() + "|" + keys.size());
      ids.forEach(worker::cancel);
    }
  }
}
