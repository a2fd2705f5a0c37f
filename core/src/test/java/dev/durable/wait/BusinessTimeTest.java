package dev.durable.wait;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.testing.Proves;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@Proves("R-196 to R-201")
@DisplayName("Business time")
class BusinessTimeTest {

  private static final BusinessTime BERLIN = BusinessTime.in(ZoneId.of("Europe/Berlin"));
  private static final BusinessTime NEW_YORK = BusinessTime.in(ZoneId.of("America/New_York"));
  private static final Instant FRIDAY_NIGHT = Instant.parse("2026-11-20T23:30:00Z");

  @Test
  @Proves({"R-196", "R-197"})
  @DisplayName("The day is that of the zone, and never a weekend")
  void nextBusinessDay() {
    // In Berlin it is Saturday already.
    assertThat(BERLIN.nextBusinessDay(FRIDAY_NIGHT)).isEqualTo("2026-11-23T08:00:00Z");
    assertThat(NEW_YORK.nextBusinessDay(FRIDAY_NIGHT)).isEqualTo("2026-11-23T14:00:00Z");
    assertThat(NEW_YORK.nextBusinessDay(Instant.parse("2026-11-23T15:00:00Z")))
        .isEqualTo("2026-11-24T14:00:00Z");
  }

  @Test
  @Proves({"R-198", "R-199", "R-200"})
  @DisplayName("Another hour, a certain weekday")
  void otherTimes() {
    assertThat(BERLIN.nextBusinessDay(FRIDAY_NIGHT, LocalTime.of(14, 30)))
        .isEqualTo("2026-11-23T13:30:00Z");
    assertThat(BERLIN.next(DayOfWeek.SATURDAY, FRIDAY_NIGHT)).isEqualTo("2026-11-28T08:00:00Z");
    assertThat(NEW_YORK.next(DayOfWeek.SATURDAY, FRIDAY_NIGHT, LocalTime.NOON))
        .isEqualTo("2026-11-21T17:00:00Z");
  }

  @Test
  @Proves("R-201")
  @DisplayName("The end of the day is its last second")
  void endOfDay() {
    assertThat(BERLIN.endOfDay(FRIDAY_NIGHT)).isEqualTo("2026-11-21T22:59:59Z");
    assertThat(NEW_YORK.endOfDay(FRIDAY_NIGHT)).isEqualTo("2026-11-21T04:59:59Z");
  }

  @Test
  @Proves("B-63")
  @DisplayName("Times that a change of the clocks skips or repeats")
  void changesOfTheClocks() {
    LocalTime halfPastTwo = LocalTime.of(2, 30);
    assertThat(BERLIN.next(DayOfWeek.SUNDAY, Instant.parse("2026-03-28T12:00:00Z"), halfPastTwo))
        .isEqualTo("2026-03-29T01:30:00Z");
    assertThat(BERLIN.next(DayOfWeek.SUNDAY, Instant.parse("2026-10-24T12:00:00Z"), halfPastTwo))
        .isEqualTo("2026-10-25T00:30:00Z");
  }
}
