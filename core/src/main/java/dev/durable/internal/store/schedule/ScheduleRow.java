package dev.durable.internal.store.schedule;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.text.Hash;
import dev.durable.schedule.MisfirePolicy;
import dev.durable.schedule.OverlapPolicy;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.schedule.Ticks;
import dev.durable.schedule.Timing;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the code says of a schedule, ready to be stored.
 *
 * @param name the name
 * @param workflow the name of what it starts
 * @param settings how it ticks
 * @param input JSON; null if the code makes it for each tick
 * @param declared whether a worker declares it
 */
public record ScheduleRow(
    String name,
    String workflow,
    ScheduleSettings settings,
    @Nullable String input,
    boolean declared) {

  /**
   * When it ticks as it is stored: times are whole microseconds.
   *
   * @param anchor from which its periods count if it does not say so itself
   */
  Timing timing(Instant anchor) {
    Timing timing = settings.timing();
    Ticks ticks = timing.ticks();
    if (ticks instanceof Ticks.OfPeriod period) {
      Instant own = period.anchor();
      ticks = new Ticks.OfPeriod(period.period(), stored(own == null ? anchor : own));
    }
    return new Timing(ticks, stored(timing.from()), stored(timing.until()), timing.jitter());
  }

  /** As the driver rounds it. */
  private static @Nullable Instant stored(@Nullable Instant time) {
    return time == null ? null : time.plusNanos(500).truncatedTo(ChronoUnit.MICROS);
  }

  /** Changes exactly if the ticks may. */
  String timingHash() {
    return Hash.of(settings.timing() + "\n" + settings.times());
  }

  /** Changes exactly if anything does that is stored. */
  String definitionHash() {
    return Hash.of(
        String.join(
            "\n",
            timingHash(),
            workflow,
            settings.overlap().name(),
            settings.misfire().toString(),
            String.valueOf(settings.queue()),
            String.valueOf(settings.priority()),
            String.valueOf(settings.limitKey()),
            String.valueOf(tags()),
            String.valueOf(settings.timeout()),
            String.valueOf(settings.pauseAfterFailures()),
            String.valueOf(settings.removeWhenUndeclared()),
            String.valueOf(input)));
  }

  @Nullable String tags() {
    return settings.tags().isEmpty() ? null : InternalJson.write(new TreeMap<>(settings.tags()));
  }

  Ticks.@Nullable OfCron cron() {
    return settings.timing().ticks() instanceof Ticks.OfCron cron ? cron : null;
  }

  @Nullable Duration period() {
    return settings.timing().ticks() instanceof Ticks.OfPeriod period ? period.period() : null;
  }

  String overlap() {
    return word(settings.overlap());
  }

  String misfire() {
    MisfirePolicy policy = settings.misfire();
    return policy.equals(MisfirePolicy.SKIP)
        ? "skip"
        : policy.equals(MisfirePolicy.RUN_ONCE) ? "run_once" : "run_all";
  }

  /** The word of a constant in the database. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  static OverlapPolicy overlap(String word) {
    return OverlapPolicy.valueOf(word.toUpperCase(Locale.ROOT));
  }
}
