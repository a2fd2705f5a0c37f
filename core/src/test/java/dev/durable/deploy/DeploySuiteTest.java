package dev.durable.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every edit of a definition, deployed in every order while executions rest in every position: each
 * execution continues, or is parked with the difference, as the ledger of its acts demands.
 */
@ExtendWith(DatabaseExtension.class)
@Proves({"F10.1", "F10.2", "F10.3"})
@DisplayName("Across deploys nothing is done twice, skipped or done in vain")
class DeploySuiteTest {

  private static final long SEED = Long.getLong("deploy.seed", 20260105);

  /** Positions of each edit in one rollout; a divisor of their number. */
  private static final int AT_ONCE = 3;

  private final TestDatabase db;

  DeploySuiteTest(TestDatabase db) {
    this.db = db;
  }

  @ParameterizedTest
  @EnumSource(Rollout.Order.class)
  @Tag("newest")
  void everyEditOnce(Rollout.Order order) {
    check(order, samples(order, 0, 1));
  }

  @ParameterizedTest
  @EnumSource(Rollout.Order.class)
  @Tag("slow")
  void everyEditInEveryPosition(Rollout.Order order) {
    for (int from = 0; from < Edits.POSITIONS.size(); from += AT_ONCE) {
      check(order, samples(order, from, from + AT_ONCE));
    }
  }

  private void check(Rollout.Order order, Map<String, List<String>> samples) {
    assertThat(new Rollout(db).run(order, samples))
        .as("%s, sample of seed %s (-Ddeploy.seed): %s", order, SEED, samples)
        .isEmpty();
  }

  private static Map<String, List<String>> samples(Rollout.Order order, int from, int to) {
    Random random = new Random(SEED + order.name().hashCode());
    Map<String, List<String>> samples = new LinkedHashMap<>();
    for (String edit : Edits.all().keySet()) {
      List<String> shuffled = new ArrayList<>(Edits.POSITIONS);
      Collections.shuffle(shuffled, random);
      samples.put(edit, shuffled.subList(from, to));
    }
    return samples;
  }
}
