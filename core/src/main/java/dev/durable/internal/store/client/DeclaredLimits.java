package dev.durable.internal.store.client;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.StorableTime;
import dev.durable.queue.QueueOptions;
import dev.durable.queue.Rate;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the limits of a queue as JSON: see {@link QueueLimitsSql}. */
public final class DeclaredLimits {

  private DeclaredLimits() {}

  /** The limits that options name; null if they name none. */
  public static @Nullable String json(QueueOptions options) {
    Map<String, Object> limits = new TreeMap<>();
    put(limits, "globalConcurrency", options.globalConcurrency());
    put(limits, "perKey", options.perKey());
    put(limits, "rate", rate(options.rate()));
    put(limits, "ratePerKey", rate(options.ratePerKey()));
    put(limits, "aging", micros(options.aging()));
    put(limits, "countWaiting", options.countsWaiting() ? true : null);
    put(limits, "fair", options.isFair() ? true : null);
    return limits.isEmpty() ? null : InternalJson.write(limits);
  }

  private static void put(Map<String, Object> limits, String name, @Nullable Object value) {
    if (value != null) {
      limits.put(name, value);
    }
  }

  private static @Nullable Object rate(@Nullable Rate rate) {
    return rate == null
        ? null
        : Map.of(
            "count", rate.executions(), "micros", Objects.requireNonNull(micros(rate.period())));
  }

  private static @Nullable Long micros(@Nullable Duration time) {
    return StorableTime.micros(time);
  }
}
