package dev.durable.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.scheduling.support.CronExpression;

/**
 * Random expressions against Spring's {@link CronExpression}, in UTC and in zones whose clocks do
 * not change. Spring wants both days to fit where UNIX takes either, and has no {@code ?} for it:
 * an expression names one of the two at most.
 */
@Tag("newest")
@DisplayName("A cron expression where no clock changes")
class CronOracleTest {

  private static final int EXPRESSIONS = 300;
  private static final int TICKS = 60;
  private static final List<String> MONTHS = List.of("JAN", "FEB", "MAY", "AUG", "DEC");
  private static final List<String> DAYS = List.of("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN");

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"UTC", "Asia/Kolkata", "America/Phoenix"})
  @DisplayName("comes when Spring's does")
  void spring(ZoneId zone) {
    Random random = new Random(17);
    for (int i = 0; i < EXPRESSIONS; i++) {
      String expression = expression(random);
      Instant after =
          LocalDateTime.of(2023, 1, 1, 0, 0)
              .plusHours(random.nextInt(30_000))
              .toInstant(ZoneOffset.UTC);
      CronClock ours = new CronClock(Cron.of(expression), zone, OnGap.SHIFT, OnRepeat.FIRST);
      CronExpression theirs = CronExpression.parse(expression);
      assertThat(ticks(after, ours::after))
          .as("%s after %s in %s", expression, after, zone)
          .isEqualTo(
              ticks(after, at -> Objects.requireNonNull(theirs.next(at.atZone(zone))).toInstant()));
    }
  }

  private static List<Instant> ticks(Instant after, UnaryOperator<Instant> next) {
    List<Instant> ticks = new ArrayList<>();
    Instant at = after;
    for (int i = 0; i < TICKS; i++) {
      at = next.apply(at);
      ticks.add(at);
    }
    return ticks;
  }

  /** Six fields, each of any form that both know. */
  private static String expression(Random random) {
    boolean byWeek = random.nextBoolean();
    return String.join(
        " ",
        random.nextInt(4) == 0 ? field(random, 0, 59) : Integer.toString(random.nextInt(60)),
        field(random, 0, 59),
        field(random, 0, 23),
        byWeek ? "*" : dayOfMonth(random),
        month(random),
        byWeek ? dayOfWeek(random) : "*");
  }

  private static String field(Random random, int least, int most) {
    int size = most - least + 1;
    int from = least + random.nextInt(size);
    int to = from + random.nextInt(most - from + 1);
    int step = 1 + random.nextInt(Math.max(1, (most - least) / 2));
    return switch (random.nextInt(6)) {
      case 0 -> "*";
      case 1 -> "*/" + step;
      case 2 -> from + "-" + to;
      case 3 -> from + "-" + to + "/" + step;
      case 4 -> from + "," + (least + random.nextInt(size)) + "," + to;
      default -> Integer.toString(from);
    };
  }

  /** No day that a month of the expression may lack: neither of the two would ever come. */
  private static String dayOfMonth(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> "L";
      case 1 -> "L-" + (1 + random.nextInt(10));
      case 2 -> "LW";
      case 3 -> (1 + random.nextInt(28)) + "W";
      default -> field(random, 1, 28);
    };
  }

  private static String dayOfWeek(Random random) {
    String day = DAYS.get(random.nextInt(DAYS.size()));
    return switch (random.nextInt(5)) {
      case 0 -> day + "#" + (1 + random.nextInt(4));
      case 1 -> (1 + random.nextInt(7)) + "L";
      case 2 -> "MON-" + day;
      case 3 -> "SUN," + day;
      default -> weekdays(random);
    };
  }

  /** The week begins with Sunday in UNIX, and with Monday in Spring: no range may tell. */
  private static String weekdays(Random random) {
    int from = 1 + random.nextInt(6);
    int to = from + random.nextInt(7 - from);
    return from + "-" + to + "/" + (1 + random.nextInt(3));
  }

  private static String month(Random random) {
    return random.nextInt(3) == 0
        ? MONTHS.get(random.nextInt(MONTHS.size()))
        : field(random, 1, 12);
  }
}
