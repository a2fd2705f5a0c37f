package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.Page;
import dev.durable.execution.ResultTimeoutException;
import dev.durable.json.JsonException;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.ExecutionRows;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
class QueriesTest {

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class)
          .step(
              "echo",
              text -> {
                if (text.equals("fail")) {
                  throw new IllegalStateException("as asked");
                }
                return text;
              })
          .build();

  private static final Workflow<String, String> OTHER =
      Workflow.define("other", String.class, with -> with.queue("side"))
          .step("echo", text -> text)
          .build();

  private final TestDatabase db;

  QueriesTest(TestDatabase db) {
    this.db = db;
    db.deleteExecutions();
  }

  private static List<UUID> ids(Page<Execution> page) {
    return page.items().stream().map(Execution::id).toList();
  }

  @Test
  @Proves({"R-271", "R-272", "R-273", "R-274", "R-275", "R-391"})
  @DisplayName("All filters of a query must hold")
  void filters() {
    try (Durable durable = db.start(ECHO, OTHER)) {
      ExecutionHandle<String> done =
          durable.start(ECHO, "x", o -> o.key("k").tag("tenant", "acme"));
      ExecutionHandle<String> failed =
          durable.start(ECHO, "fail", o -> o.tag("tenant", "acme").tag("kind", "odd"));
      ExecutionHandle<String> side = durable.start(OTHER, "x", o -> o.tag("tenant", "other"));
      ExecutionHandle<String> pending = durable.start(ECHO, "x", o -> o.delay(ofHours(1)));
      done.result(SOON);
      side.result(SOON);
      assertThatThrownBy(() -> failed.result(SOON)).isInstanceOf(ExecutionFailedException.class);

      assertThat(ids(durable.executions(q -> {})))
          .containsExactly(pending.id(), side.id(), failed.id(), done.id());
      assertThat(ids(durable.executions(q -> q.workflow("other")))).containsExactly(side.id());
      assertThat(ids(durable.executions(q -> q.queue("side")))).containsExactly(side.id());
      assertThat(ids(durable.executions(q -> q.workflow("echo").key("k"))))
          .containsExactly(done.id());
      assertThat(ids(durable.executions(q -> q.status(ExecutionStatus.FAILED))))
          .containsExactly(failed.id());
      assertThat(
              ids(
                  durable.executions(
                      q -> q.status(ExecutionStatus.FAILED, ExecutionStatus.PENDING))))
          .containsExactly(pending.id(), failed.id());
      assertThat(ids(durable.executions(q -> q.tag("tenant", "acme"))))
          .containsExactly(failed.id(), done.id());
      assertThat(ids(durable.executions(q -> q.tag("tenant", "acme").tag("kind", "odd"))))
          .containsExactly(failed.id());
      assertThat(ids(durable.executions(q -> q.tag("tenant", "acme").workflow("other")))).isEmpty();
      String id = done.id().toString();
      assertThat(ids(durable.executions(q -> q.idPrefix(id)))).containsExactly(done.id());
      assertThat(ids(durable.executions(q -> q.idPrefix(id.substring(0, 18))))).contains(done.id());
      assertThat(ids(durable.executions(q -> q.idPrefix("f")))).isEmpty();
      Instant middle = durable.find(side.id()).orElseThrow().insertedAt();
      assertThat(ids(durable.executions(q -> q.since(middle)))).contains(side.id(), pending.id());
      assertThat(ids(durable.executions(q -> q.until(middle)))).doesNotContain(side.id());
      assertThat(durable.countByStatus(q -> {}))
          .as("R-249")
          .isEqualTo(
              Map.of(
                  ExecutionStatus.COMPLETED, 2L,
                  ExecutionStatus.FAILED, 1L,
                  ExecutionStatus.PENDING, 1L));
      assertThat(durable.countByStatus(q -> q.workflow("echo").limit(1)))
          .containsEntry(ExecutionStatus.COMPLETED, 1L);
      durable.cancel(pending.id());
    }
  }

  @Test
  @Proves("R-272")
  @DisplayName("Every beginning of an id finds the ids that begin so, and no others")
  void everyBeginningOfAnId() {
    List<String> ids =
        List.of(
            "01a20790-3f89-7000-8000-000000000000",
            "01a20790-3f89-7000-bfff-ffffffffffff",
            "01a20790-4000-7000-8000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff");
    try (Durable durable = db.start(ECHO)) {
      for (String id : ids) {
        UUID started = durable.start(ECHO, "x", o -> o.delay(ofHours(1))).id();
        db.update(
            "update durable.workflow_executions set id = ?::uuid where id = ?",
            UUID.fromString(id),
            started);
      }
      for (String id : ids) {
        for (int length = 1; length <= id.length(); length++) {
          String prefix = id.substring(0, length);
          assertThat(ids(durable.executions(q -> q.idPrefix(prefix))))
              .as(prefix)
              .extracting(UUID::toString)
              .containsExactlyInAnyOrderElementsOf(
                  ids.stream().filter(each -> each.startsWith(prefix)).toList());
        }
      }
    }
  }

  @Test
  @Proves("R-266")
  @DisplayName("Pages: newest first, nothing twice, nothing left out, stable under new starts")
  void pages() {
    try (Durable client = db.start(ECHO)) {
      List<UUID> started =
          client
              .startAll(
                  ECHO,
                  IntStream.range(0, 53).mapToObj(i -> "x" + i).toList(),
                  (text, o) -> o.delay(ofHours(1)))
              .stream()
              .map(ExecutionHandle::id)
              .toList();
      List<UUID> seen = new ArrayList<>();
      UUID after = null;
      int pages = 0;
      do {
        UUID cursor = after;
        Page<Execution> page = client.executions(q -> q.limit(10).after(cursor));
        seen.addAll(ids(page));
        client.start(ECHO, "meanwhile", o -> o.delay(ofHours(1)));
        after = page.next();
        pages++;
      } while (after != null);
      assertThat(pages).isEqualTo(6);
      List<UUID> newestFirst = new ArrayList<>(started);
      Collections.reverse(newestFirst);
      assertThat(seen).isEqualTo(newestFirst);
      assertThat(client.executions(q -> q.limit(59)).next()).isNull();
      assertThat(client.executions(q -> q.limit(58)).next()).isNotNull();
    }
  }

  @Nested
  @Proves("R-218 to R-223")
  @DisplayName("The executions that are claimed, and their order")
  class Claims {

    private final List<String> order = new CopyOnWriteArrayList<>();
    private final Workflow<String, String> noted =
        Workflow.define("noted", String.class)
            .step(
                "note",
                text -> {
                  order.add(text);
                  return text;
                })
            .build();

    @Test
    @Proves({"R-219", "R-220", "R-222"})
    @DisplayName("Higher priority comes first, then earlier due times; nothing comes early")
    void byPriorityThenByDueTime() {
      db.start(noted).close();
      List<ExecutionHandle<String>> due = new ArrayList<>();
      try (Durable client = Durable.on(db.dataSource()).register(noted).build()) {
        Instant noon = Instant.parse("2020-01-01T12:00:00Z");
        due.add(client.start(noted, "low", o -> o.at(noon).priority(-5)));
        due.add(client.start(noted, "normal late", o -> o.at(noon.plusSeconds(2))));
        due.add(client.start(noted, "normal early", o -> o.at(noon.plusSeconds(1))));
        due.add(client.start(noted, "high late", o -> o.at(noon.plusSeconds(9)).priority(9)));
        due.add(client.start(noted, "high early", o -> o.at(noon.plusSeconds(8)).priority(9)));
        client.start(noted, "future", o -> o.delay(ofHours(1)).priority(100));
        try (Durable worker =
            Durable.on(db.dataSource())
                .register(noted)
                .worker(w -> w.queue("default", q -> q.concurrency(1)))
                .startWorker()) {
          for (ExecutionHandle<String> handle : due) {
            worker.handle(handle.id()).result(SOON);
          }
        }
      }
      assertThat(order)
          .containsExactly("high early", "high late", "normal early", "normal late", "low");
    }

    @Test
    @Proves("R-219")
    @DisplayName("A high priority that comes during a backlog does not wait for its end")
    void duringABacklog() {
      List<String> low = IntStream.range(0, 2_000).mapToObj(n -> "low " + n).toList();
      try (Durable worker =
          Durable.on(db.dataSource())
              .register(noted)
              .worker(w -> w.queue("default", q -> q.concurrency(2)))
              .startWorker()) {
        worker.startAll(noted, low, (text, o) -> {});
        Gate.until(() -> order.size() > 200);
        worker.start(noted, "high", o -> o.priority(9)).result(SOON);
      }
      assertThat(order.indexOf("high")).isLessThan(1_500);
    }

    @Test
    @Proves("R-218")
    @DisplayName("A worker claims at most its free slots, each execution with its own token")
    void noMoreThanThereAreSlots() {
      Gate gate = new Gate();
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      Workflow<String, String> held =
          Workflow.define("held", String.class)
              .step(
                  "hold",
                  text -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    gate.pass();
                    inside.decrementAndGet();
                    return text;
                  })
              .build();
      try (Durable worker =
          Durable.on(db.dataSource())
              .register(held)
              .worker(w -> w.queue("default", q -> q.concurrency(3)))
              .startWorker()) {
        List<ExecutionHandle<String>> handles =
            worker.startAll(held, List.of("1", "2", "3", "4", "5"), (text, o) -> {});
        Gate.until(() -> inside.get() == 3);
        assertThat(
                db.rows(
                    "select e.status, count(*) from durable.workflow_executions e"
                        + " left join durable.workers n on n.id = e.locked_by"
                        + " where (e.status = 'running') = (n.id is not null)"
                        + " and (e.status = 'running') = (e.lock_token = 1)"
                        + " group by e.status order by 1"))
            .containsExactly("pending|2", "running|3");
        gate.open();
        handles.forEach(handle -> handle.result(SOON));
        assertThat(most).hasValue(3);
        assertThat(
                db.rows(
                    "select distinct locked_by::text, wake_at::text"
                        + " from durable.workflow_executions"))
            .as("R-234, G12: a final execution is owned by nobody")
            .containsExactly("null|null");
      }
    }

    @Test
    @DisplayName(
        "Executions with only their end to commit keep no slot, up to the number that may run")
    void whatLeavesKeepsNoSlot() throws Exception {
      Gate gate = new Gate();
      Workflow<String, String> held =
          Workflow.define("leaving", String.class)
              .step(
                  "hold",
                  text -> {
                    if (text.equals("slow")) {
                      gate.pass();
                    }
                    return text;
                  })
              .build();
      try (Durable worker =
              Durable.on(db.dataSource())
                  .register(held)
                  .worker(w -> w.queue("default", q -> q.concurrency(1)))
                  .startWorker();
          Connection other = db.newConnection()) {
        ExecutionHandle<String> slow = worker.start(held, "slow");
        gate.awaitReached();
        ExecutionRows.lock(other, slow.id());
        gate.open();
        assertThat(worker.start(held, "fast").result(SOON)).isEqualTo("fast");
        assertThat(worker.start(held, "faster").result(SOON)).isEqualTo("faster");
        assertThat(slow.status()).isEqualTo(ExecutionStatus.RUNNING);
        other.rollback();
        assertThat(slow.result(SOON)).isEqualTo("slow");
      }
    }

    @Test
    @DisplayName("A queue of its own: a full queue does not hold others up")
    void queuesDoNotHoldEachOtherUp() {
      Gate gate = new Gate();
      Workflow<String, String> held =
          Workflow.define("held_queue", String.class, with -> with.queue("busy"))
              .step("hold", gate::hold)
              .build();
      try (Durable worker =
          Durable.on(db.dataSource())
              .register(held, OTHER)
              .worker(w -> w.queue("busy", q -> q.concurrency(1)))
              .startWorker()) {
        ExecutionHandle<String> first = worker.start(held, "1");
        ExecutionHandle<String> second = worker.start(held, "2");
        gate.awaitReached();
        assertThat(worker.start(OTHER, "free").result(SOON)).isEqualTo("free");
        // Which of the two got the only slot is not promised: a look for work may have held it.
        assertThat(List.of(first.status(), second.status()))
            .containsExactlyInAnyOrder(ExecutionStatus.RUNNING, ExecutionStatus.PENDING);
        gate.open();
        assertThat(first.result(SOON) + second.result(SOON)).isEqualTo("12");
      }
    }
  }

  @Nested
  class AHandle {

    @Test
    void timesOutAndTheExecutionGoesOn() {
      Gate gate = new Gate();
      Workflow<String, String> held =
          Workflow.define("held_handle", String.class).step("hold", gate::hold).build();
      try (Durable durable = db.start(held);
          Durable client = Durable.on(db.dataSource()).register(held).build()) {
        ExecutionHandle<String> handle = durable.start(held, "x");
        assertThatThrownBy(() -> handle.result(ofMillis(1)))
            .isInstanceOf(ResultTimeoutException.class)
            .hasMessageContaining(handle.id().toString())
            .hasMessageContaining("It goes on");
        CompletableFuture<String> here = handle.future();
        CompletableFuture<String> there = client.handle(handle.id(), held).future();
        CompletableFuture<String> given = client.handle(handle.id(), held).future();
        given.cancel(true);
        assertThat(here).isNotDone();
        gate.open();
        assertThat(here.join()).isEqualTo("x");
        assertThat(there.join()).isEqualTo("x");
        assertThat(client.handle(handle.id()).result(SOON)).isEqualTo("\"x\"");
      }
    }

    @Test
    void ofAnUnknownExecutionSaysSo() {
      try (Durable client = Durable.on(db.dataSource()).build()) {
        UUID unknown = new UUID(3, 4);
        assertThatThrownBy(() -> client.handle(unknown).result(ofMillis(1)))
            .isInstanceOf(ExecutionNotFoundException.class);
        assertThatThrownBy(() -> client.handle(unknown).result(SOON))
            .isInstanceOf(ExecutionNotFoundException.class)
            .hasMessageContaining(unknown.toString());
        assertThat(client.handle(unknown).future())
            .failsWithin(SOON)
            .withThrowableThat()
            .withCauseInstanceOf(ExecutionNotFoundException.class);
        assertThatThrownBy(() -> client.handle(unknown).status())
            .isInstanceOf(ExecutionNotFoundException.class);
        assertThat(client.find(unknown)).isEmpty();
        assertThat(client.find("echo", "no such key")).isEmpty();
      }
    }

    @Test
    void ofAnotherTypeSaysSo() {
      try (Durable durable = db.start(ECHO)) {
        UUID id = durable.start(ECHO, "text").id();
        Workflow<String, Integer> number =
            Workflow.define("number", String.class).step("n", Integer.class, text -> 1).build();
        assertThatThrownBy(() -> durable.handle(id, number).result(SOON))
            .isInstanceOf(JsonException.class)
            .hasMessageContaining("Integer");
      }
    }
  }
}
