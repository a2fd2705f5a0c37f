package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.history;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.ParallelResults;
import dev.durable.workflow.Workflow;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Parallel")
class ParallelTest {

  private final TestDatabase db;
  private final Notes ran = new Notes();

  ParallelTest(TestDatabase db) {
    this.db = db;
  }

  record Dashboard(String user, int orders) {}

  @Test
  @Proves({"R-044 to R-053", "R-059"})
  @DisplayName("Branches run at once, see what came before, and are joined")
  void branchesRunAtOnce() {
    CyclicBarrier both = new CyclicBarrier(2);
    Workflow<Integer, String> load =
        Workflow.define("load", Integer.class)
            .step("before", n -> n + 1)
            .parallel(
                "load",
                Dashboard.class,
                par -> {
                  BranchRef<String> user =
                      par.step(
                          "user",
                          String.class,
                          (n, step) -> {
                            both.await();
                            return "user" + n;
                          });
                  BranchRef<Integer> orders =
                      par.path(
                          "orders",
                          Integer.class,
                          path ->
                              path.step(
                                      "count",
                                      n -> {
                                        both.await();
                                        return n;
                                      })
                                  .step("double", n -> n * 2));
                  return par.join((n, r) -> new Dashboard(r.get(user), r.get(orders)));
                })
            .step("show", String.class, d -> d.user() + " has " + d.orders())
            .build();
    try (Durable durable = db.start(load)) {
      ExecutionHandle<String> handle = durable.start(load, 1);
      assertThat(handle.result(SOON)).isEqualTo("user2 has 4");
      assertThat(history(durable, handle.id()))
          .contains(
              "step load/user completed",
              "step load/orders/count completed",
              "step load/orders/double completed",
              "parallel load completed");
    }
  }

  @ParameterizedTest(name = "said: {0}")
  @ValueSource(booleans = {false, true})
  @Proves({"R-057", "B-51"})
  @DisplayName("failFast, which is the default, cancels and interrupts the siblings")
  void failFastCancelsTheSiblings(boolean said) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Workflow<Integer, Integer> load =
        Workflow.define("fast", Integer.class)
            .parallel(
                "load",
                par -> {
                  par.step(
                      "slow",
                      Integer.class,
                      (n, step) -> {
                        begun.countDown();
                        try {
                          new CountDownLatch(1).await();
                        } catch (InterruptedException stop) {
                          interrupted.countDown();
                          throw stop;
                        }
                        return n;
                      });
                  par.step(
                      "broken",
                      Integer.class,
                      (n, step) -> {
                        begun.await();
                        throw new IllegalStateException("broken");
                      });
                  return par.join((n, r) -> n);
                },
                with -> {
                  if (said) {
                    with.completeAll().failFast();
                  }
                })
            .build();
    try (Durable durable = db.start(load)) {
      ExecutionHandle<Integer> handle = durable.start(load, 1);
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("broken");
      interrupted.await();
      assertThat(history(durable, handle.id()))
          .containsExactlyInAnyOrder("step load/broken failed", "step load/slow cancelled");
    }
  }

  @Test
  @Proves({"R-052", "R-058", "B-27"})
  @DisplayName("completeAll keeps results and errors side by side, typed")
  void completeAllKeepsBoth() {
    Workflow<Integer, String> load =
        Workflow.define("all", Integer.class)
            .parallel(
                "load",
                String.class,
                par -> {
                  BranchRef<Integer> good = par.step("good", Integer.class, (n, step) -> n);
                  BranchRef<Integer> bad =
                      par.step(
                          "bad",
                          Integer.class,
                          (n, step) -> {
                            throw new IllegalStateException("bad luck");
                          });
                  return par.join((n, r) -> describe(r, good, bad));
                },
                with -> with.completeAll())
            .build();
    assertThat(db.run(load, 3)).isEqualTo("3, bad luck");
  }

  private String describe(ParallelResults r, BranchRef<Integer> good, BranchRef<Integer> bad) {
    return r.get(good)
        + ", "
        + switch (r.outcome(bad)) {
          case BranchOutcome.Completed<Integer> c -> "?";
          case BranchOutcome.Failed<Integer> f -> f.error().message();
          case BranchOutcome.Cancelled<Integer> c -> "cancelled";
        };
  }

  @Test
  @DisplayName("Any and quorum: enough is enough, and too many failures are too many")
  void anyAndQuorum() {
    Workflow<Integer, Integer> any =
        Workflow.define("any", Integer.class)
            .parallel(
                "load",
                par -> {
                  par.step(
                      "never",
                      Integer.class,
                      (n, step) -> {
                        new CountDownLatch(1).await();
                        return n;
                      });
                  BranchRef<Integer> quick = par.step("quick", Integer.class, (n, step) -> n);
                  return par.join((n, r) -> r.get(quick) * 10);
                },
                with -> with.any())
            .build();
    assertThat(db.run(any, 3)).isEqualTo(30);
    Workflow<Integer, Integer> quorum =
        Workflow.define("quorum", Integer.class)
            .parallel(
                "load",
                par -> {
                  for (int i = 0; i < 3; i++) {
                    int number = i;
                    par.step(
                        "b" + i,
                        Integer.class,
                        (n, step) -> {
                          if (number < n) {
                            throw new IllegalStateException("no");
                          }
                          return n;
                        });
                  }
                  return par.join((n, r) -> n);
                },
                with -> with.quorum(2))
            .build();
    assertThat(db.run(quorum, 1)).isEqualTo(1);
    assertThatThrownBy(() -> db.run(quorum, 2)).hasMessageContaining("needs 2 of its 3");
  }

  @Test
  @Proves("R-054")
  @DisplayName("A join that throws fails the execution; a branch is retried by itself")
  void joinsThatThrowAndRetries() {
    AtomicInteger calls = new AtomicInteger();
    Workflow<Integer, Integer> load =
        Workflow.define("throws", Integer.class)
            .parallel(
                "load",
                par -> {
                  par.step(
                      "flaky",
                      Integer.class,
                      (n, step) -> {
                        if (calls.incrementAndGet() < 3) {
                          throw new IllegalStateException("flaky");
                        }
                        return n;
                      },
                      with -> with.retry(RetryPolicy.constant(ofMillis(30)).maxAttempts(3)));
                  par.step("steady", Integer.class, (n, step) -> ran.note("steady", n));
                  return par.join(
                      (n, r) -> {
                        throw new IllegalStateException("cannot join");
                      });
                })
            .build();
    assertThatThrownBy(() -> db.run(load, 1)).hasMessageContaining("cannot join");
    assertThat(calls).hasValue(3);
    assertThat(ran).containsExactly("steady");
  }
}
