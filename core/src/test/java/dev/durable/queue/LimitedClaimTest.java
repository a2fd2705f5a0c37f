package dev.durable.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.client.QueueStore;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.KnownLimits;
import dev.durable.internal.store.worker.LimitedClaim;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.LimitedQueue;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Proves("G11")
@DisplayName("Claims from a limited queue")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class LimitedClaimTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestDatabase db;
  private LimitedQueue queue;

  LimitedClaimTest(TestDatabase db) {
    this.db = db;
  }

  @BeforeEach
  void begin() {
    queue = new LimitedQueue(db);
  }

  @Test
  @DisplayName("They take no more than may run on all workers, also beside a dead one")
  void onAllWorkers() {
    UUID one = queue.limit(q -> q.globalConcurrency(5));
    UUID other = queue.worker();
    queue.add(20, "k");
    assertThat(queue.claim(one, 3)).hasSize(3);
    assertThat(queue.claim(other, 10)).hasSize(2);
    assertThat(queue.claim(one, 10)).isEmpty();
    db.declareDead(other);
    assertThat(queue.claim(one, 10)).as("a dead worker owns them still").isEmpty();
    queue.end("k", 2);
    assertThat(queue.claim(one, 10)).hasSize(2);
  }

  @Test
  @DisplayName("Other claims are refused as soon as a queue is limited, until the worker knows it")
  void unknownLimits() {
    queue.declare(q -> {});
    UUID worker = queue.worker();
    KnownLimits before = queue.known(worker);
    queue.declare(q -> q.globalConcurrency(5));
    assertThat(queue.askUnlimited(before, 10).refused()).as("nothing is due").isFalse();
    queue.add(20, "k");
    Claim refused = queue.askUnlimited(before, 10);
    assertThat(refused.taken()).isEmpty();
    assertThat(refused.refused()).isTrue();
    assertThat(queue.known(worker).queues()).containsExactly("default");
    queue.declare(q -> {});
    assertThat(queue.ask(worker, 10).unlimited()).containsExactly("default");
    assertThat(queue.known(worker).queues()).isEmpty();
    assertThat(queue.askUnlimited(queue.known(worker), 10).taken()).hasSize(10);
  }

  @Test
  @DisplayName("An operator's pause and limits are told as those of the code are")
  void toldByOperators() {
    queue.declare(q -> {});
    UUID worker = queue.worker();
    QueueStore operator = new QueueStore(new Database(db.dataSource()), new Schema("durable"));
    queue.add(20, "k");
    KnownLimits atFirst = queue.known(worker);
    operator.pause("default", "why", "jane", true);
    assertThat(queue.askUnlimited(atFirst, 1).refused()).isTrue();
    operator.resume("default");
    KnownLimits resumed = queue.known(worker);
    assertThat(queue.askUnlimited(resumed, 1).taken()).hasSize(1);
    operator.override("default", "{\"fair\": true}", "jane");
    assertThat(queue.askUnlimited(resumed, 1).refused()).isTrue();
  }

  @Test
  @DisplayName("They take nothing while it is paused, nor before its limits are enforced")
  void pausedOrNotEnforced() {
    queue.declare(q -> q.globalConcurrency(5));
    UUID worker = queue.worker();
    queue.add(20, "k");
    LimitedClaim first = queue.ask(worker, 10);
    assertThat(first.claim().taken()).isEmpty();
    assertThat(first.unenforced()).containsExactly("default");
    queue.limit(q -> q.globalConcurrency(5));
    db.script("update durable.queues set paused_at = now()");
    assertThat(queue.claim(worker, 10)).isEmpty();
    db.script("update durable.queues set paused_at = null");
    assertThat(queue.claim(worker, 10)).hasSize(5);
  }

  @Test
  @DisplayName("A key that has all its places does not keep back others behind its backlog")
  void perKey() {
    UUID worker = queue.limit(q -> q.perKey(2));
    queue.add(2_000, "'big'", 5, "now() - interval '1 hour'");
    queue.add(3, "small");
    queue.add(3, "null", 0, "now()");
    db.script("vacuum analyze durable.workflow_executions");
    assertThat(queue.claim(worker, 2)).containsExactly("big", "big");
    List<String> rest = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      LimitedClaim claim = queue.ask(worker, 10);
      rest.addAll(queue.keys(claim.claim()));
      assertThat(claim.keptBack()).containsExactly("default");
    }
    assertThat(rest)
        .as("without a key: as soon as they are marked")
        .containsExactly("small", "small");
    queue.keepInOrder(worker);
    assertThat(queue.claim(worker, 10)).containsExactly("", "", "");
    queue.end("big", 1);
    assertThat(queue.claim(worker, 10)).containsExactly("big");
    queue.end("small", 2);
    assertThat(queue.claim(worker, 10)).containsExactly("small");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("By two workers, a rate is never exceeded in any window, and used to 95 % at least")
  void rate(boolean perKey) {
    UUID one = queue.limit(q -> (perKey ? q.ratePerKey(40, MINUTE) : q.rate(40, MINUTE)).fair());
    UUID other = queue.worker();
    queue.add(600, "k");
    Random random = new Random(7);
    for (int i = 0; i < 60; i++) {
      queue.claim(random.nextBoolean() ? one : other, 1 + random.nextInt(30));
      queue.letPass(Duration.ofMillis(random.nextInt(random.nextInt(5) == 0 ? 30_000 : 1_500)));
    }
    long before = begins(one) + begins(other);
    Duration passed = Duration.ZERO;
    while (passed.compareTo(MINUTE.multipliedBy(4)) < 0) {
      UUID worker = random.nextBoolean() ? one : other;
      Duration next = queue.ask(worker, 1 + random.nextInt(30)).claim().nextDue();
      Duration pause = next == null ? Duration.ofMillis(50) : next;
      queue.letPass(pause);
      passed = passed.plus(pause);
    }
    assertThat(db.beginsTooSoon(40, MINUTE)).isEmpty();
    assertThat(begins(one)).isPositive();
    assertThat(begins(other)).isPositive();
    assertThat(begins(one) + begins(other) - before).as("of 160").isBetween(152L, 200L);
  }

  private long begins(UUID worker) {
    return db.number(
        "select count(*) from durable.workflow_executions where locked_by = ?", worker);
  }

  @Test
  @DisplayName(
      "They leave a queue out that another transaction holds, and claim from it afterwards")
  void heldByAnother() throws Exception {
    UUID worker = queue.limit(q -> q.rate(5, MINUTE));
    queue.add(10, "k");
    try (Connection holder = db.newConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("select 1 from durable.queues for no key update");
      LimitedClaim none = queue.ask(worker, 10);
      assertThat(none.claim().taken()).isEmpty();
      assertThat(none.busy()).containsExactly("default");
      assertThat(none.unlimited()).isEmpty();
      holder.commit();
    }
    assertThat(queue.claim(worker, 10)).hasSize(5);
  }

  @Test
  @DisplayName("A rate says when it lets another one begin, and does not keep back what has begun")
  void rateOfBegins() {
    UUID worker = queue.limit(q -> q.rate(3, MINUTE));
    queue.add(200, "k");
    assertThat(queue.claim(worker, 10)).hasSize(3);
    queue.suspend();
    queue.letPass(Duration.ofSeconds(20));
    LimitedClaim none = queue.ask(worker, 10);
    assertThat(none.claim().taken()).isEmpty();
    assertThat(none.claim().nextDue()).isBetween(Duration.ofSeconds(35), Duration.ofSeconds(40));
    queue.wake(2);
    assertThat(queue.claim(worker, 10)).as("continues behind 197 that may not begin").hasSize(2);
    queue.letPass(Duration.ofSeconds(41));
    assertThat(queue.claim(worker, 10)).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 100})
  @DisplayName(
      "What has begun takes its key's places before those that a rate keeps from beginning")
  void rateAndPlacesOfKeys(int backlog) {
    UUID worker = queue.limit(q -> q.rate(3, MINUTE).perKey(1));
    queue.add(backlog, "a");
    queue.add(backlog, "b");
    assertThat(queue.claim(worker, 10)).containsExactlyInAnyOrder("a", "b");
    queue.suspend();
    queue.wake(2);
    Claim last = queue.ask(worker, 10).claim();
    assertThat(queue.keys(last)).as("begins, and has been due for longer").hasSize(1);
    assertThat(last.more()).isTrue();
    assertThat(queue.claim(worker, 10)).as("continues").hasSize(1);
    assertThat(db.ownedOfKeys()).containsExactly("a|1", "b|1");
    queue.suspend();
    queue.wake(3);
    assertThat(queue.claim(worker, 10)).as("they continue").containsExactlyInAnyOrder("a", "b");
  }

  @Test
  @DisplayName("A rate for each key says the same")
  void rateOfAKey() {
    UUID worker = queue.limit(q -> q.ratePerKey(1, MINUTE));
    queue.add(200, "a");
    queue.add(1, "b");
    assertThat(queue.claim(worker, 10)).containsExactlyInAnyOrder("a", "b");
    queue.letPass(Duration.ofSeconds(20));
    queue.keepInOrder(worker);
    assertThat(queue.ask(worker, 10).claim().nextDue())
        .isBetween(Duration.ofSeconds(35), Duration.ofSeconds(40));
    queue.letPass(Duration.ofSeconds(41));
    queue.keepInOrder(worker);
    assertThat(db.rows("select key from durable.queue_keys")).as("of the period").isEmpty();
    assertThat(queue.claim(worker, 10)).containsExactly("a");
    queue.declare(q -> q.perKey(1));
    queue.keepInOrder(worker);
    assertThat(db.rows("select key from durable.queue_keys")).as("without a rate").isEmpty();
  }

  @Test
  @DisplayName("A rate for each key says so too if little is due: what is left over waits for it")
  void rateOfAKeyWithLittle() {
    UUID worker = queue.limit(q -> q.ratePerKey(1, MINUTE));
    queue.add(3, "a");
    LimitedClaim first = queue.ask(worker, 10);
    assertThat(queue.keys(first.claim())).containsExactly("a");
    assertThat(first.keptBack()).containsExactly("default");
    queue.letPass(Duration.ofSeconds(40));
    assertThat(queue.ask(worker, 10).claim().nextDue())
        .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(20));
    queue.letPass(Duration.ofSeconds(21));
    assertThat(queue.claim(worker, 10)).containsExactly("a");
    assertThat(queue.claim(worker, 10)).as("noted again").isEmpty();
  }

  @Test
  @DisplayName("Keys take turns, however long the backlog of one is, after priority")
  void fair() {
    UUID worker = queue.limit(q -> q.fair());
    queue.add(1_000, "'a'", 0, "now() - interval '1 hour'");
    queue.add(3, "'b'", 0, "now() - interval '2 hours'");
    queue.add(3, "'c'", 0, "now() - n * interval '10 minutes'");
    queue.add(1, "'d'", 1, "now()");
    List<String> turns = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      turns.addAll(queue.claim(worker, 1));
    }
    assertThat(turns).containsExactly("d", "a", "b", "c", "a", "b");
    assertThat(queue.claim(worker, 5)).containsExactly("c", "a", "b", "c", "a");
    assertThat(queue.claim(worker, 2)).containsExactly("a", "a");
  }

  @Test
  @DisplayName("What has waited for long counts as of a higher priority")
  void aging() {
    UUID worker = queue.limit(q -> q.aging(MINUTE));
    queue.add(100, "'high'", 3, "now() - interval '1 second'");
    queue.add(1, "'old'", 0, "now() - interval '230 seconds'");
    queue.add(1, "'older'", 0, "now() - interval '290 seconds'");
    assertThat(queue.claim(worker, 3)).containsExactly("older", "old", "high");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("What has begun and waits keeps its place if it counts, for the queue and for a key")
  void countWaiting(boolean perKey) {
    UUID worker = queue.limit(q -> (perKey ? q.perKey(3) : q.globalConcurrency(3)).countWaiting());
    queue.add(10, "k");
    assertThat(queue.claim(worker, 10)).hasSize(3);
    queue.suspend();
    assertThat(queue.claim(worker, 10)).isEmpty();
    queue.wake(2);
    assertThat(queue.claim(worker, 10)).as("they continue in their places").hasSize(2);
    queue.end("k", 1);
    assertThat(queue.claim(worker, 10)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("What waits gives its place to others if it does not count, and comes back for one")
  void waitingDoesNotCount(boolean perKey) {
    UUID worker = queue.limit(most(3, perKey));
    queue.add(10, "k");
    assertThat(queue.claim(worker, 10)).hasSize(3);
    queue.suspend();
    assertThat(queue.claim(worker, 10)).hasSize(3);
    queue.wake(3);
    assertThat(queue.claim(worker, 10)).isEmpty();
    queue.end("k", 1);
    assertThat(queue.claim(worker, 10)).as("one place for three").hasSize(1);
    queue.declare(most(1, perKey));
    LimitedClaim none = queue.ask(worker, 10);
    assertThat(none.claim().taken()).as("a limit below what runs").isEmpty();
    assertThat(none.keptBack()).containsExactly("default");
  }

  private static Consumer<QueueOptions> most(int number, boolean perKey) {
    return q -> {
      if (perKey) {
        q.perKey(number);
      } else {
        q.globalConcurrency(number);
      }
    };
  }
}
