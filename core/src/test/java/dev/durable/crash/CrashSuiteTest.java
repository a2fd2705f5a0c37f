package dev.durable.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cuts the engine off at each statement and each commit of each story, in each way. What is left
 * must bring the scenario to its end.
 */
@ExtendWith(DatabaseExtension.class)
@Proves({"G1", "G3 to G8", "G12", "B-06", "B-34", "B-35", "B-42"})
@DisplayName("Crash suite")
class CrashSuiteTest {

  private static final String NEWEST = "18";
  private static final int AT_ONCE = 12;
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final TestDatabase db;

  CrashSuiteTest(TestDatabase db) {
    this.db = db;
  }

  @ParameterizedTest
  @EnumSource(Scenario.class)
  void aScenarioCutOffAtAnyOfItsStatementsEndsAsItShould(Story story) throws Exception {
    // The newest and the oldest PostgreSQL share the modes.
    cutOffOnce(story, NEWEST.equals(System.getProperty("durable.test.postgres", NEWEST)) ? 0 : 1);
  }

  @Tag("newest")
  @ParameterizedTest
  @EnumSource(FlowScenario.class)
  void controlFlowCutOffAtMostOfItsStatementsEndsAsItShould(Story story) throws Exception {
    cutOffTwoOfThree(story);
  }

  @Tag("newest")
  @ParameterizedTest
  @EnumSource(
      value = WaitScenario.class,
      names = {"EVENT", "TIMEOUT", "IN_A_BODY", "QUESTION", "ESCALATION", "CALL", "CANCELLED_CALL"})
  void aWaitCutOffAtMostOfItsStatementsEndsAsItShould(Story story) throws Exception {
    cutOffTwoOfThree(story);
  }

  @Tag("newest")
  @Test
  @DisplayName("A saga in Spring's transactions, cut off at any of its statements, saves all once")
  void aSagaOfAFrameworkCutOffAtAnyOfItsStatementsEndsAsItShould() throws Exception {
    cutOffOnce(new SpringSaga(), 0);
  }

  /** The same for two of three statements; the slow test has all of them. */
  private void cutOffTwoOfThree(Story story) throws Exception {
    cutOff(
        story,
        fault ->
            fault.number() % 3 != 0
                && fault.turn() == 0
                && fault.fatal() == (fault.round() % 2 == 0));
  }

  /** Each statement meets one mode: for good in one round of the modes, in passing in the next. */
  private void cutOffOnce(Story story, int turn) throws Exception {
    cutOff(story, fault -> fault.turn() == turn && fault.fatal() == (fault.round() % 2 == 0));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("stories")
  void aScenarioCutOffAtAnyOfItsStatementsInEveryWayEndsAsItShould(Story story) throws Exception {
    cutOff(story, fault -> true);
  }

  private static Stream<Story> stories() {
    return Stream.concat(
        Stream.of(Scenario.values(), FlowScenario.values(), WaitScenario.values())
            .flatMap(Stream::of),
        Stream.of(new SpringSaga()));
  }

  private interface Choice {
    boolean takes(Fault fault);
  }

  private void cutOff(Story story, Choice choice) throws Exception {
    db.update("create table if not exists transfers (execution uuid, step text)");
    try (HikariDataSource pool = db.newPool(120);
        Durable client = Durable.on(db.dataSource()).build();
        ExecutorService cases = Executors.newFixedThreadPool(AT_ONCE)) {
      CrashCase unharmed = newCase(story, Fault.NONE, pool, client);
      assertThat(unharmed.run()).as("%s without any fault", story).isEmpty();
      List<Future<String>> results = new ArrayList<>();
      for (Fault fault : faults(unharmed.count() + 1, choice)) {
        Callable<String> run = () -> report(story, fault, pool, client);
        results.add(cases.submit(run));
      }
      List<String> failures = new ArrayList<>();
      for (Future<String> result : results) {
        failures.add(result.get());
      }
      failures.removeIf(String::isEmpty);
      assertThat(failures).as("%s: failures of %s cases", story, results.size()).isEmpty();
    }
  }

  private String report(Story story, Fault fault, HikariDataSource pool, Durable client) {
    List<String> wrong = newCase(story, fault, pool, client).run();
    return wrong.isEmpty() ? "" : fault + ":\n    " + String.join("\n    ", wrong) + "\n";
  }

  private CrashCase newCase(Story story, Fault fault, HikariDataSource pool, Durable client) {
    return new CrashCase(story, fault, db, pool, client, NUMBER.incrementAndGet());
  }

  private static List<Fault> faults(int statements, Choice choice) {
    List<Fault> faults = new ArrayList<>();
    for (int number = 1; number <= statements; number++) {
      for (Fault.Mode mode : Fault.Mode.values()) {
        for (boolean fatal : new boolean[] {true, false}) {
          Fault fault = new Fault(number, mode, fatal);
          if (choice.takes(fault)) {
            faults.add(fault);
          }
        }
      }
    }
    return faults;
  }
}
