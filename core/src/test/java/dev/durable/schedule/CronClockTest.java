package dev.durable.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A cron expression in a zone")
class CronClockTest {

  @ParameterizedTest(name = "{0} in {1}, {2}, {3}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          30 2 * * *   | Europe/Berlin       | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z
          30 2 * * *   | Europe/Berlin       | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z
          */15 2 * * * | Europe/Berlin       | 2026-03-29T00:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T00:00:00Z
          */30 2 * * * | Europe/Berlin       | 2026-10-25T00:00:00Z | 2026-10-25T00:30:00Z 2026-10-26T01:00:00Z
          0,30 2,3 * * * | Europe/Berlin     | 2026-03-29T00:59:00Z | 2026-03-29T01:00:00Z 2026-03-29T01:30:00Z 2026-03-30T00:00:00Z
          */30 * * * * | Europe/Berlin       | 2026-03-29T00:15:00Z | 2026-03-29T00:30:00Z 2026-03-29T01:00:00Z 2026-03-29T01:30:00Z
          */30 * * * * | Europe/Berlin       | 2026-10-24T23:59:00Z | 2026-10-25T00:00:00Z 2026-10-25T00:30:00Z 2026-10-25T01:00:00Z 2026-10-25T01:30:00Z 2026-10-25T02:00:00Z
          0 */2 * * *  | Europe/Berlin       | 2026-10-24T23:30:00Z | 2026-10-25T00:00:00Z 2026-10-25T01:00:00Z 2026-10-25T03:00:00Z
          0 9 * * *    | Pacific/Apia        | 2011-12-29T12:00:00Z | 2011-12-29T19:00:00Z 2011-12-30T10:00:00Z 2011-12-30T19:00:00Z
          15 2 * * *   | Australia/Lord_Howe | 2026-10-03T00:00:00Z | 2026-10-03T15:30:00Z 2026-10-04T15:15:00Z
          45 1 * * *   | Australia/Lord_Howe | 2026-04-04T00:00:00Z | 2026-04-04T14:45:00Z 2026-04-05T15:15:00Z
          """)
  @DisplayName("comes as Debian's cron has it when the clock changes")
  void changes(String expression, ZoneId zone, Instant after, String instants) {
    CronClock clock = clock(Cron.of(expression), zone);
    List<Instant> come = new ArrayList<>();
    for (String ignored : instants.split(" ", -1)) {
      come.add(clock.after(come.isEmpty() ? after : come.getLast()));
    }
    assertThat(come.stream().map(Instant::toString)).containsExactly(instants.split(" ", -1));
  }

  @Test
  @DisplayName("comes as its policies say")
  void policies() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    Cron daily = Cron.of("30 2 * * *");
    assertThat(
            new CronClock(daily, berlin, OnGap.SKIP, OnRepeat.FIRST)
                .after(Instant.parse("2026-03-28T12:00:00Z")))
        .isEqualTo("2026-03-30T00:30:00Z");
    CronClock both = new CronClock(daily, berlin, OnGap.SHIFT, OnRepeat.BOTH);
    Instant first = both.after(Instant.parse("2026-10-24T12:00:00Z"));
    assertThat(first).isEqualTo("2026-10-25T00:30:00Z");
    assertThat(both.after(first)).isEqualTo("2026-10-25T01:30:00Z");
  }

  private static CronClock clock(Cron cron, ZoneId zone) {
    return cron.namesHours()
        ? new CronClock(cron, zone, OnGap.SHIFT, OnRepeat.FIRST)
        : new CronClock(cron, zone, OnGap.SKIP, OnRepeat.BOTH);
  }

  // ---- five years, minute by minute ----

  private static final List<String> EXPRESSIONS =
      List.of(
          "30 2 * * *",
          "*/15 2 * * *",
          "*/20 * * * *",
          "0 */3 * * *",
          "0 0 * * *",
          "30 1 * * 0",
          "0 9 1,15 * 5",
          "59 23 */2 * *");

  @ParameterizedTest
  @ValueSource(strings = {"Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"})
  @DisplayName("comes at each minute of five years that a walk along the wall clock finds")
  void walk(ZoneId zone) {
    compare(zone, 2024);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "America/New_York",
        "America/Sao_Paulo",
        "America/Santiago",
        "America/Nuuk",
        "Europe/London",
        "Europe/Istanbul",
        "Asia/Tehran",
        "Asia/Kolkata",
        "Pacific/Auckland",
        "Pacific/Apia",
        "Antarctica/Troll",
        "UTC"
      })
  @DisplayName("comes at each minute of two times five years, in more zones")
  void longWalk(ZoneId zone) {
    compare(zone, 2009);
    compare(zone, 2024);
  }

  private static void compare(ZoneId zone, int year) {
    Walk walk = new Walk(zone, year);
    for (String expression : EXPRESSIONS) {
      Cron cron = Cron.of(expression);
      for (OnGap gap : OnGap.values()) {
        for (OnRepeat repeat : OnRepeat.values()) {
          CronClock clock = new CronClock(cron, zone, gap, repeat);
          assertThat(walk.ticks(clock))
              .as("%s in %s, %s, %s", expression, zone, gap, repeat)
              .isEqualTo(walk.expected(expression, gap, repeat));
        }
      }
    }
  }

  /** All minutes of five years of a zone: what the clock on the wall shows at each. */
  private static final class Walk {

    private static final int MINUTES = 5 * 366 * 24 * 60;

    private final long begin;
    private final long[] wall = new long[MINUTES];

    Walk(ZoneId zone, int year) {
      begin = LocalDateTime.of(year, 1, 3, 0, 0).toEpochSecond(ZoneOffset.UTC) / 60;
      for (int i = 0; i < MINUTES; i++) {
        Instant instant = Instant.ofEpochSecond((begin + i) * 60);
        wall[i] =
            Math.floorDiv(
                instant.getEpochSecond() + zone.getRules().getOffset(instant).getTotalSeconds(),
                60);
      }
    }

    List<Long> ticks(CronClock clock) {
      List<Long> ticks = new ArrayList<>();
      Instant at = Instant.ofEpochSecond(begin * 60 - 1);
      while (true) {
        at = clock.after(at);
        if (at.getEpochSecond() / 60 >= begin + MINUTES) {
          return ticks;
        }
        ticks.add(at.getEpochSecond() / 60);
      }
    }

    List<Long> expected(String expression, OnGap gap, OnRepeat repeat) {
      Matching matching = new Matching(expression);
      TreeSet<Long> ticks = new TreeSet<>();
      Set<Long> seen = new HashSet<>();
      long highest = wall[0] - 1;
      for (int i = 0; i < MINUTES; i++) {
        long now = wall[i];
        if (gap == OnGap.SHIFT) {
          for (long left = highest + 1; left < now; left++) {
            if (matching.fits(left)) {
              ticks.add(begin + i);
            }
          }
        }
        if (matching.fits(now) && (repeat == OnRepeat.BOTH || seen.add(now))) {
          ticks.add(begin + i);
        }
        highest = Math.max(highest, now);
      }
      return List.copyOf(ticks);
    }
  }

  /** Cron's five fields, read once more in the simplest way. */
  private static final class Matching {

    private final String[] fields;
    private final boolean[][] values = new boolean[5][];

    Matching(String expression) {
      fields = expression.split(" ", -1);
      int[] sizes = {60, 24, 32, 13, 7};
      for (int i = 0; i < 5; i++) {
        values[i] = new boolean[sizes[i]];
        int least = i == 2 || i == 3 ? 1 : 0;
        for (String part : fields[i].split(",", -1)) {
          for (int value = least; value < sizes[i]; value++) {
            values[i][value] |=
                part.startsWith("*")
                    ? part.length() == 1
                        || (value - least) % Integer.parseInt(part.substring(2)) == 0
                    : value == Integer.parseInt(part);
          }
        }
      }
    }

    boolean fits(long wallMinute) {
      if (!values[0][(int) (wallMinute % 60)] || !values[1][(int) (wallMinute / 60 % 24)]) {
        return false;
      }
      LocalDateTime time = LocalDateTime.ofEpochSecond(wallMinute * 60, 0, ZoneOffset.UTC);
      boolean month = values[2][time.getDayOfMonth()];
      boolean week = values[4][time.getDayOfWeek().getValue() % 7];
      boolean both = fields[2].startsWith("*") || fields[4].startsWith("*");
      return values[3][time.getMonthValue()] && (both ? month && week : month || week);
    }
  }
}
