package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.jdbc.DatabaseClock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The database's time at the end of a transaction")
class DatabaseClockTest {

  private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATEST = EARLIEST.plusMillis(10);

  private final DatabaseClock clock = new DatabaseClock();

  @Test
  @DisplayName("With nothing known it is the earliest possible time")
  void nothingIsKnown() {
    assertThat(clock.between(EARLIEST, LATEST)).isEqualTo(EARLIEST);
  }

  @Test
  @DisplayName("It is after everything that the database has answered")
  void afterEveryAnswer() {
    clock.saw(EARLIEST.plusMillis(5));
    clock.saw(EARLIEST.plusMillis(3));
    Instant first = clock.between(EARLIEST, LATEST);
    assertThat(first).isEqualTo(EARLIEST.plusMillis(5).plus(1, ChronoUnit.MICROS));
    assertThat(clock.between(EARLIEST, LATEST)).isAfter(first);
  }

  @Test
  @DisplayName("An earlier answer of a clock that has been set back does not push it on")
  void aClockSetBack() {
    clock.saw(LATEST.plusSeconds(60));
    assertThat(clock.between(EARLIEST, LATEST)).isEqualTo(LATEST);
  }
}
