package dev.durable.acceptance;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.DurableFixture;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Debounced starts of one key at once")
class DebounceRaceTest {

  private static final int CALLERS = 50;
  private static final int KEYS = 4;
  private static final int STARTS = 30;

  private static final Workflow<String, String> INDEX =
      Workflow.define("index", String.class).step("index", text -> text).build();

  private final TestDatabase db;

  DebounceRaceTest(TestDatabase db) {
    this.db = db;
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void atOnce(int callers, IntFunction<Work> work) throws Exception {
    CyclicBarrier line = new CyclicBarrier(callers);
    List<Future<?>> ends = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < callers; i++) {
        int caller = i;
        ends.add(
            threads.submit(
                () -> {
                  line.await();
                  work.apply(caller).run();
                  return null;
                }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
  }

  /** One of the ways to start. */
  private ExecutionHandle<String> start(
      Durable via, int way, String key, String input, Duration wait) throws Exception {
    return switch (way % 4) {
      case 0 -> via.start(INDEX, input, o -> o.debounce(key, wait));
      case 1 ->
          via.startAll(INDEX, List.of("old", input), (text, o) -> o.debounce(key, wait)).getLast();
      case 2 -> via.start("index", '"' + input + '"', o -> o.debounce(key, wait));
      default -> {
        try (Connection connection = db.newConnection()) {
          connection.setAutoCommit(false);
          ExecutionHandle<String> started =
              via.using(connection).start(INDEX, input, o -> o.debounce(key, wait));
          connection.commit();
          yield started;
        }
      }
    };
  }

  @Test
  @DisplayName("make one execution, whose input has been replaced by no later start of its caller")
  void makeOne() throws Exception {
    Queue<ExecutionHandle<String>> handles = new ConcurrentLinkedQueue<>();
    try (HikariDataSource pool = db.newPool(20);
        Durable one = Durable.on(pool).register(INDEX).build();
        Durable two = Durable.on(pool).register(INDEX).build();
        Durable worker = db.start(INDEX)) {
      List<Durable> all = List.of(one, two, worker);
      atOnce(
          CALLERS,
          caller ->
              () -> {
                Durable via = all.get(caller % 3);
                for (int i = 1; i <= 2; i++) {
                  handles.add(start(via, caller + i, "one", caller + "-" + i, ofHours(1)));
                }
              });
      UUID id = handles.element().id();
      assertThat(handles).extracting(ExecutionHandle::id).containsOnly(id);
      Execution made = worker.find(id).orElseThrow();
      assertThat(made.input()).endsWith("-2\"");
      assertThat(worker.executions(q -> q.workflow("index").keyHistory("one")).items()).hasSize(1);
      worker.cancel(id);
    }
  }

  @Test
  @DisplayName("lose no input beside claims: each runs, or one that came later does instead")
  void besideClaims() throws Exception {
    Map<String, List<ExecutionHandle<String>>> handles = new LinkedHashMap<>();
    for (int key = 0; key < KEYS; key++) {
      handles.put("key-" + key, new ArrayList<>());
    }
    try (Durable worker = db.start(INDEX);
        Durable other = db.start(INDEX)) {
      List<Durable> all = List.of(worker, other);
      atOnce(
          KEYS,
          caller ->
              () -> {
                String key = "key-" + caller;
                for (int i = 0; i < STARTS; i++) {
                  handles
                      .get(key)
                      .add(start(all.get(i % 2), i / 3, key, "" + (100 + i), ofMillis(2 + i % 5)));
                }
              });
      for (Map.Entry<String, List<ExecutionHandle<String>>> each : handles.entrySet()) {
        List<Integer> ran = ran(each.getValue());
        assertThat(ran).isSorted().doesNotHaveDuplicates();
        assertThat(ran.getLast()).isEqualTo(100 + STARTS - 1);
        Collection<Execution> made =
            worker
                .executions(q -> q.workflow("index").keyHistory(each.getKey()).limit(100))
                .items();
        assertThat(made).hasSameSizeAs(ran).hasSizeGreaterThan(1);
      }
      assertThat(db.violations()).isEmpty();
    }
  }

  /** The inputs with which these executions ran, in the order of their starts. */
  private static List<Integer> ran(List<ExecutionHandle<String>> handles) throws Exception {
    Map<UUID, Integer> ran = new LinkedHashMap<>();
    for (int i = 0; i < handles.size(); i++) {
      int input = Integer.parseInt(handles.get(i).result(DurableFixture.SOON).replace("\"", ""));
      assertThat(input).isGreaterThanOrEqualTo(100 + i);
      ran.put(handles.get(i).id(), input);
    }
    return List.copyOf(ran.values());
  }
}
