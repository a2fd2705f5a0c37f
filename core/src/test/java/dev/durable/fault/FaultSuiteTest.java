package dev.durable.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.crash.Story;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the driver, the pool or the database may answer to the engine, only time is lost. A case
 * is named in the message of its failure, and run alone with {@code -Ddurable.test.fault=…}.
 */
@ExtendWith(DatabaseExtension.class)
@Proves({"F1", "F2.1", "F2.2", "F2.11", "G1", "G3 to G9", "G12"})
@DisplayName("Fault suite")
class FaultSuiteTest {

  private static final String ONE = "durable.test.fault";
  private static final int AT_ONCE = 16;
  private static final int EACH = 100;
  private static final int POOL_SIZE = 150;
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final TestDatabase db;
  private final Map<Story, List<Place>> places = new ConcurrentHashMap<>();
  private final Map<Story, Set<String>> crews = new ConcurrentHashMap<>();
  private final Map<String, Fault> cases = new ConcurrentHashMap<>();
  private final AtomicInteger missed = new AtomicInteger();

  FaultSuiteTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Tag("newest")
  @DisabledIfSystemProperty(named = ONE, matches = ".+")
  @Proves({"F1.1", "F2.2"})
  @DisplayName("Any kind of fault at any kind of call costs nothing but time")
  void eachKindOfFaultAtEachKindOfCall() throws Exception {
    hit(Stories.ALL, Sample::eachKindAtEachCall);
  }

  @Test
  @Tag("slow")
  @DisabledIfSystemProperty(named = ONE, matches = ".+")
  void eachKindOfFaultAtEachKindOfCallOfEachThread() throws Exception {
    hit(Stories.ALL, Sample::eachKindAtEachRole);
  }

  /**
   * Each call of each story, in each way, is more than a million cases. Each hundredth of them
   * takes half an hour; {@code -Ddurable.test.fault.each=1} takes all, another {@code
   * -Ddurable.test.fault.seed} takes others.
   */
  @Tag("slow")
  @ParameterizedTest
  @MethodSource("stories")
  @DisabledIfSystemProperty(named = ONE, matches = ".+")
  void eachCallOfAStoryInEachWay(Story story) throws Exception {
    int each = Integer.getInteger(ONE + ".each", EACH);
    hit(List.of(story), sample -> sample.eachNthOf(story, each));
  }

  private static List<Story> stories() {
    return Stories.ALL;
  }

  /** Each has failed once. */
  @Test
  @Tag("newest")
  @DisabledIfSystemProperty(named = ONE, matches = ".+")
  @Proves({"F1.1", "F1.7", "F2.1", "F2.2", "F2.5"})
  @DisplayName("Faults found by this suite stay fixed")
  void whatWasFound() throws Exception {
    hitAll(Found.MENDED);
  }

  private void hitAll(List<String> texts) throws Exception {
    List<Fault> faults = texts.stream().map(Fault::of).toList();
    hit(faults.stream().map(Fault::story).distinct().toList(), sample -> faults);
  }

  @Test
  @EnabledIfSystemProperty(named = ONE, matches = ".+")
  void oneFaultAlone() throws Exception {
    hitAll(List.of(System.getProperty(ONE)));
  }

  private interface Choice {
    List<Fault> from(Sample sample);
  }

  private void hit(List<Story> stories, Choice choice) throws Exception {
    db.update("create table if not exists transfers (execution uuid, step text)");
    try (HikariDataSource pool = db.newPool(POOL_SIZE);
        Durable client = Durable.on(db.dataSource()).build();
        ExecutorService runners = Executors.newFixedThreadPool(AT_ONCE)) {
      Runner run = new Runner(pool, client, runners);
      List<String> failures = run.unharmed(stories);
      Sample sample = new Sample(places, Long.getLong(ONE + ".seed", 1L));
      List<Fault> faults = choice.from(sample);
      missed.set(0);
      failures.addAll(run.all(faults));
      failures.addAll(violations());
      assertThat(failures)
          .as("failures of %d cases, of which %d were not hit", faults.size(), missed.get())
          .isEmpty();
    }
  }

  /** The violated invariants, each with its case. */
  private List<String> violations() {
    List<String> told = new ArrayList<>();
    for (String violation : db.violations()) {
      List<String> names =
          db.rows(
              "select workflow_name from durable.workflow_executions where id::text = ?",
              violation.split("\\|", -1)[1]);
      String name = names.isEmpty() ? "" : names.get(0).replaceFirst("-(child|probe)$", "");
      told.add(cases.get(name) + ":\n    violated: " + violation + "\n");
    }
    return told;
  }

  private final class Runner {
    private final HikariDataSource pool;
    private final Durable client;
    private final ExecutorService runners;

    Runner(HikariDataSource pool, Durable client, ExecutorService runners) {
      this.pool = pool;
      this.client = client;
      this.runners = runners;
    }

    List<String> all(List<Fault> faults) throws Exception {
      List<Future<String>> results = new ArrayList<>();
      for (Fault fault : faults) {
        results.add(runners.submit(() -> one(fault)));
      }
      List<String> failures = new ArrayList<>();
      for (Future<String> result : results) {
        failures.add(result.get());
      }
      failures.removeIf(String::isEmpty);
      return failures;
    }

    /**
     * All stories, twice: the first time, a cold engine is slow, and does more than it needs to.
     */
    List<String> unharmed(List<Story> stories) throws Exception {
      List<Fault> none = stories.stream().map(Fault::none).toList();
      List<String> wrong = all(none);
      places.clear();
      wrong.addAll(all(none));
      return wrong;
    }

    /** If the story is over before it comes by the place, its first call of that kind is hit. */
    private String one(Fault fault) {
      FaultCase told = newCase(fault);
      List<String> wrong = told.run();
      if (!told.isHit() && wrong.isEmpty() && fault.place().number() > 1) {
        return one(new Fault(fault.story(), fault.place().first(), fault.injection()));
      }
      places.putIfAbsent(fault.story(), told.places());
      crews.putIfAbsent(fault.story(), told.members());
      if (!told.isHit()) {
        missed.incrementAndGet();
      }
      return wrong.isEmpty() ? "" : fault + ":\n    " + String.join("\n    ", wrong) + "\n";
    }

    private FaultCase newCase(Fault fault) {
      FaultCase told =
          new FaultCase(
              fault,
              crews.getOrDefault(fault.story(), Set.of()),
              db,
              pool,
              client,
              NUMBER.incrementAndGet());
      cases.put(told.name(), fault);
      return told;
    }
  }
}
