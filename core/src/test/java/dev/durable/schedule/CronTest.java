package dev.durable.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.testing.Proves;
import java.time.LocalDateTime;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A cron expression")
class CronTest {

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          * * * * *           | every minute
          */5 * * * *         | every 5 minutes
          7,37 * * * *        | at minutes 7 and 37
          5/15 * * * *        | at minutes 5, 20, 35 and 50
          0 * * * *           | every hour
          30 * * * *          | at minute 30, every hour
          0 */2 * * *         | every 2 hours
          15 */2 * * *        | at minute 15, every 2 hours
          0 */12 * * *        | every day at 00:00 and 12:00
          * 2 * * *           | every minute, from 02:00 to 02:59
          */15 2 * * *        | every 15 minutes, from 02:00 to 02:59
          */10 9-17 * * 1-5   | every 10 minutes, from 09:00 to 17:59, Monday to Friday
          0 9 * * MON-FRI     | at 09:00, Monday to Friday
          0 9,12,17 * * 6,7   | at 09:00, 12:00 and 17:00, Saturday and Sunday
          0 0 * * SAT-SUN     | at 00:00, Saturday and Sunday
          30 2 * * *          | every day at 02:30
          @daily              | every day at 00:00
          @Hourly             | every hour
          @weekly             | at 00:00, Sunday
          @monthly            | at 00:00, day 1 of the month
          @yearly             | at 00:00, day 1 of the month, in January
          0 12 * JAN-MAR ?    | every day at 12:00, in January to March
          0 0 1,15 * FRI      | at 00:00, days 1 and 15 of the month or Friday
          0 0 1-7 * sun       | at 00:00, days 1 to 7 of the month or Sunday
          0 0 */2 * *         | at 00:00, every 2 days of the month
          0 0 */2 * MON       | at 00:00, every 2 days of the month if it is Monday
          0 0 L * *           | at 00:00, the last day of the month
          0 0 L-1 * *         | at 00:00, 1 day before the last day of the month
          0 0 LW * *          | at 00:00, the last day of the month from Monday to Friday
          0 0 15W * *         | at 00:00, the day from Monday to Friday nearest to day 15 of the month
          0 0 L,15 * *        | at 00:00, day 15 of the month and the last day of the month
          0 0 * * 5L          | at 00:00, the last Friday of the month
          0 0 * * MON#2       | at 00:00, the second Monday of the month
          30 0 9 * * *        | every day at 09:00:30
          */30 * * * * *      | every 30 seconds
          0 0 * * * *         | every hour
          15 10 * * * *       | at second 15, at minute 10, every hour
          """)
  @DisplayName("is said in words")
  void words(String expression, String words) {
    assertThat(Cron.of(expression).describe()).isEqualTo(words);
  }

  @ParameterizedTest(name = "{0}: at {1}, {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ""                  | 1  | it has 0 fields
          * * * *             | 8  | it has 4 fields
          * * * * * * *       | 13 | it has 7 fields
          61 * * * *          | 1  | the minute is between 0 and 59, not 61
          "  60 * * * * *"    | 3  | the second is between 0 and 59, not 60
          * 24 * * *          | 3  | the hour is between 0 and 23, not 24
          0 0 0 * *           | 5  | the day of month is between 1 and 31, not 0
          0 0 1 13 *          | 7  | the month is between 1 and 12, not 13
          0 0 * * 8           | 9  | the day of week is between 0 and 7, not 8
          */0 * * * *         | 3  | a step is at least 1
          */90 * * * *        | 3  | a step of 90 is larger
          */ * * * *          | 3  | a step is needed
          5-2 * * * *         | 1  | the range 5-2 ends before it begins
          0 0 * * FRI-MON     | 9  | the range FRI-MON ends before it begins
          1-2-3 * * * *       | 3  | a minute is needed, not '2-3'
          a * * * *           | 1  | a minute is needed, not 'A'
          -1 * * * *          | 1  | a minute is needed, not '-1'
          1,,2 * * * *        | 3  | a value of the minute is missing
          1, * * * *          | 3  | a value of the minute is missing
          99999999999 * * * * | 1  | the number 99999999999 is too large
          * * * FOO *         | 7  | a month, as a number or by three letters, is needed, not 'FOO'
          * * ? ? *           | 7  | a month
          0 0 L-31 * *        | 5  | no month has 31 days before its last one
          0 0 0W * *          | 5  | the day of month is between 1 and 31
          0 0 * * L           | 9  | L needs a weekday in front
          0 0 * * MON#6       | 13 | a month has five of a weekday at most
          0 0 * * MON#        | 13 | a number from 1 to 5 behind the #
          0 0 * * *#1         | 9  | a day of week
          0 0 30 2 *          | 5  | no such day ever comes
          0 0 31 4,6,9,11 *   | 5  | no such day ever comes
          0 0 L-29 2 *        | 5  | no such day ever comes
          @reboot             | 1  | there is no '@reboot'
          ٣ * * * *           | 1  | a minute is needed
          """)
  @Proves("R-297")
  @DisplayName("is refused with the place and the reason")
  void refused(String expression, int position, String reason) {
    assertThatThrownBy(() -> Cron.of(expression))
        .isInstanceOfSatisfying(
            CronException.class,
            wrong -> {
              assertThat(wrong.position() + 1).isEqualTo(position);
              assertThat(wrong.reason()).startsWith(reason);
              assertThat(wrong)
                  .hasMessageContaining("'" + expression + "' at position " + position);
            });
  }

  @ParameterizedTest(name = "{0}: {1} comes at {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          * * * * *       | 2026-11-29T08:00    | 2026-11-29T08:00
          * * * * *       | 2026-11-29T08:00:01 | 2026-11-29T08:01
          0 9 * * *       | 2026-11-29T08:00    | 2026-11-29T09:00
          0 9 * * *       | 2026-11-29T09:00:01 | 2026-11-30T09:00
          59 23 31 12 *   | 2026-12-31T23:59:30 | 2027-12-31T23:59
          0 0 15 * *      | 2026-11-29T08:00    | 2026-12-15T00:00
          0 0 29 2 *      | 2026-11-29T08:00    | 2028-02-29T00:00
          0 0 13 * FRI    | 2026-11-29T08:00    | 2026-12-04T00:00
          0 0 */31 * SUN  | 2026-11-29T08:00    | 2027-08-01T00:00
          0 0 L * *       | 2028-02-01T00:00    | 2028-02-29T00:00
          0 0 L-3 * *     | 2026-11-29T08:00    | 2026-12-28T00:00
          0 0 LW * *      | 2026-05-01T00:00    | 2026-05-29T00:00
          0 0 1W * *      | 2026-07-31T08:00    | 2026-08-03T00:00
          0 0 31W * *     | 2026-05-01T00:00    | 2026-05-29T00:00
          0 0 15W * *     | 2026-08-01T00:00    | 2026-08-14T00:00
          0 0 15W * *     | 2026-11-01T00:00    | 2026-11-16T00:00
          0 0 * * 5L      | 2026-11-01T00:00    | 2026-11-27T00:00
          0 0 * * 0L      | 2026-11-01T00:00    | 2026-11-29T00:00
          0 0 * * 7#5     | 2026-11-01T00:00    | 2026-11-29T00:00
          0 0 * * TUE#5   | 2026-11-01T00:00    | 2026-12-29T00:00
          10 5 9 * * *    | 2026-11-29T09:05:10 | 2026-11-29T09:05:10
          10 5 9 * * *    | 2026-11-29T09:05:11 | 2026-11-30T09:05:10
          0/25 59 * * * * | 2026-11-29T09:59:51 | 2026-11-29T10:59:00
          """)
  @DisplayName("comes next at its wall time")
  void next(String expression, LocalDateTime from, LocalDateTime next) {
    assertThat(Cron.of(expression).atOrAfter(from)).isEqualTo(next);
  }

  @Test
  @DisplayName("is a value")
  void value() {
    assertThat(Cron.of("0 9 * * *"))
        .isEqualTo(Cron.of("0 9 * * *"))
        .hasSameHashCodeAs(Cron.of("0 9 * * *"))
        .isNotEqualTo(Cron.of("1 9 * * *"))
        .hasToString("0 9 * * *");
    assertThatThrownBy(() -> Cron.of(null)).hasMessage("expression");
  }
}
