package dev.durable.random;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.values.Codecs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random bodies come to what a plain interpretation in memory comes to, whatever the codec, the
 * rests and the workers that take over. To repeat what a failure names: {@code -Drandom.seed=<the
 * first seed> -Drandom.programs=<how many>}.
 */
@ExtendWith(DatabaseExtension.class)
@Proves({"F5", "F6.1", "F7.1", "F7.4", "G3"})
@DisplayName("Random bodies, names, codecs and rests")
class RandomBodiesTest {

  private static final int AT_ONCE = 10;

  private final TestDatabase db;

  RandomBodiesTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Tag("newest")
  void aFewPrograms() {
    run(20261128, 8);
  }

  @Test
  @Tag("slow")
  void manyPrograms() {
    run(Long.getLong("random.seed", System.nanoTime()), Integer.getInteger("random.programs", 300));
  }

  private void run(long seed, int count) {
    Map<Codecs, List<Program>> programs =
        LongStream.range(seed, seed + count)
            .mapToObj(RandomProgram::of)
            .collect(Collectors.groupingBy(Program::codec, TreeMap::new, Collectors.toList()));
    List<String> wrong = new ArrayList<>();
    for (List<Program> ofOneCodec : programs.values()) {
      for (int from = 0; from < ofOneCodec.size(); from += AT_ONCE) {
        int to = Math.min(from + AT_ONCE, ofOneCodec.size());
        wrong.addAll(new Batch(db, ofOneCodec.subList(from, to)).run());
      }
    }
    assertThat(wrong).as("%s programs from seed %s", count, seed).isEmpty();
  }
}
