package dev.durable.internal.store.client;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.StorableTime;
import dev.durable.json.TypeRef;
import dev.durable.queue.QueueLimits;
import dev.durable.queue.Rate;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The limits of a queue, as the database has them: see {@link QueueLimitsSql}. */
public final class QueueLimitsJson {

  private static final TypeRef<Map<String, @Nullable Object>> FIELDS = new TypeRef<>() {};

  private QueueLimitsJson() {}

  /** The JSON of limits by their names; those that are null stay so. */
  public static String write(Map<String, @Nullable Object> limits) {
    Map<String, @Nullable Object> stored = new LinkedHashMap<>();
    limits.forEach((name, value) -> stored.put(name, stored(value)));
    return InternalJson.write(stored);
  }

  private static @Nullable Object stored(@Nullable Object value) {
    return switch (value) {
      case Rate rate -> Map.of("count", rate.executions(), "micros", micros(rate.period()));
      case Duration time -> micros(time);
      case null, default -> value;
    };
  }

  private static long micros(Duration time) {
    return Objects.requireNonNull(StorableTime.micros(time));
  }

  /** The names of the limits that a JSON object has, also of those that are null. */
  static Set<String> names(String json) {
    return InternalJson.read(json, FIELDS).keySet();
  }

  /** The limits of a JSON object; none for null. */
  static QueueLimits read(@Nullable String json) {
    if (json == null) {
      return QueueLimits.NONE;
    }
    Map<String, @Nullable Object> fields = InternalJson.read(json, FIELDS);
    return new QueueLimits(
        number(fields.get("globalConcurrency")),
        number(fields.get("perKey")),
        rate(fields.get("rate")),
        rate(fields.get("ratePerKey")),
        Boolean.TRUE.equals(fields.get("countWaiting")),
        Boolean.TRUE.equals(fields.get("fair")),
        time(fields.get("aging")));
  }

  private static @Nullable Integer number(@Nullable Object value) {
    return value instanceof Number number ? number.intValue() : null;
  }

  private static @Nullable Duration time(@Nullable Object micros) {
    return micros instanceof Number number
        ? Duration.of(number.longValue(), ChronoUnit.MICROS)
        : null;
  }

  private static @Nullable Rate rate(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> rate)) {
      return null;
    }
    Integer executions = number(rate.get("count"));
    Duration period = time(rate.get("micros"));
    return executions == null || period == null ? null : new Rate(executions, period);
  }
}
