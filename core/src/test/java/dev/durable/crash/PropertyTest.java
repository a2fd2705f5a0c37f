package dev.durable.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random definitions with random failures, cut off at random places, come to what a plain
 * interpretation in memory comes to. A case that goes wrong is made as small as it can be.
 */
@ExtendWith(DatabaseExtension.class)
@Proves({"G3", "G9", "G12", "B-02", "B-11", "B-12", "B-13"})
@DisplayName("Random definitions")
class PropertyTest {

  private static final int AT_ONCE = 12;
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final TestDatabase db;

  PropertyTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Tag("newest")
  void aFewDefinitions() throws Exception {
    run(20260105, 60);
  }

  @Test
  @Tag("slow")
  void manyDefinitions() throws Exception {
    run(
        Long.getLong("property.seed", System.nanoTime()),
        Integer.getInteger("property.cases", 3_000));
  }

  private void run(long seed, int cases) throws Exception {
    try (HikariDataSource pool = db.newPool(120);
        Durable client = Durable.on(db.dataSource()).build();
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<String>> results = new ArrayList<>();
      for (int i = 0; i < cases; i++) {
        long own = seed + i;
        Callable<String> check = () -> check(own, pool, client);
        results.add(threads.submit(check));
      }
      List<String> failures = new ArrayList<>();
      for (Future<String> result : results) {
        failures.add(result.get());
      }
      failures.removeIf(String::isEmpty);
      assertThat(failures).as("of %s definitions from seed %s", cases, seed).isEmpty();
    }
  }

  private String check(long seed, HikariDataSource pool, Durable client) {
    Plan.Path plan = new RandomPlan(seed).path();
    CrashCase unharmed = newCase(plan, Fault.NONE, pool, client);
    if (!unharmed.run().isEmpty()) {
      return report(seed, plan, Fault.NONE, pool, client);
    }
    Random random = new Random(seed);
    for (int i = 0; i < 2; i++) {
      Fault fault = fault(random, unharmed.count());
      if (!newCase(plan, fault, pool, client).run().isEmpty()) {
        return report(seed, plan, fault, pool, client);
      }
    }
    return "";
  }

  private static Fault fault(Random random, int statements) {
    Fault.Mode[] modes = Fault.Mode.values();
    return new Fault(
        1 + random.nextInt(statements), modes[random.nextInt(modes.length)], random.nextBoolean());
  }

  private String report(
      long seed, Plan.Path plan, Fault fault, HikariDataSource pool, Durable client) {
    Shrinker shrinker = new Shrinker(path -> newCase(path, fault, pool, client).run());
    return "seed " + seed + ", " + fault + ":\n    " + shrinker.shrink(plan) + "\n";
  }

  private CrashCase newCase(Plan.Path plan, Fault fault, HikariDataSource pool, Durable client) {
    return new CrashCase(new RandomStory(plan), fault, db, pool, client, NUMBER.incrementAndGet());
  }
}
