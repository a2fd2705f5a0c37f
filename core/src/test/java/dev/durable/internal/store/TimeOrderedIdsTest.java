package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.testing.Proves;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TimeOrderedIdsTest {

  @Test
  void ascendAsTextAndSoInTheDatabase() {
    List<String> ids =
        Stream.generate(TimeOrderedIds::next).limit(20_000).map(UUID::toString).toList();
    assertThat(ids).isSorted().doesNotHaveDuplicates();
  }

  @Test
  @Proves("G12")
  @DisplayName("Ids stay unique and in order when the clock jumps")
  void ascendWhateverTheClockDoes() {
    long now = System.currentTimeMillis();
    List<String> ids =
        LongStream.of(0, 5_000, -86_400_000, 4_999, 5_000, 0)
            .mapToObj(jump -> TimeOrderedIds.at(now + jump).toString())
            .toList();
    assertThat(ids).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void areVersionSevenOfTheStandardVariant() {
    UUID id = TimeOrderedIds.next();
    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    long millis = id.getMostSignificantBits() >>> 16;
    assertThat(millis)
        .isCloseTo(System.currentTimeMillis(), org.assertj.core.data.Offset.offset(60_000L));
  }

  @Test
  void areUniqueAcrossThreads() {
    ConcurrentLinkedQueue<UUID> ids = new ConcurrentLinkedQueue<>();
    IntStream.range(0, 20_000).parallel().forEach(i -> ids.add(TimeOrderedIds.next()));
    assertThat(ids).doesNotHaveDuplicates();
  }
}
