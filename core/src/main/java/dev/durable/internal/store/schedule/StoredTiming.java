package dev.durable.internal.store.schedule;

import dev.durable.internal.store.client.RowReader;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.schedule.Timing;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of a schedule that is to be changed, and the time at which that was read.
 *
 * @param now the database's time
 * @param hash of its timing, or null if there is no such schedule
 * @param definitionHash of all of it, or null
 * @param declared whether a worker has declared it
 * @param anchor from which its periods count
 * @param next the first tick that has not been served, or null
 * @param settings how it ticks, or null; throws if this process cannot read it
 */
record StoredTiming(
    Instant now,
    @Nullable String hash,
    @Nullable String definitionHash,
    boolean declared,
    Instant anchor,
    @Nullable Instant next,
    @Nullable Supplier<ScheduleSettings> settings) {

  /** Reads a row, which is empty but for {@code now} if there is no such schedule. */
  static StoredTiming of(ResultSet row) throws SQLException {
    Instant now = RowReader.requiredTime(row, "now");
    String hash = row.getString("timing_hash");
    Instant anchor = RowReader.time(row, "anchor_at");
    return new StoredTiming(
        now,
        hash,
        row.getString("definition_hash"),
        row.getBoolean("declared"),
        anchor == null ? now : anchor,
        RowReader.time(row, "next_tick_at"),
        row.getString("name") == null ? null : ScheduleReader.settings(row));
  }

  /** Whether nothing would change. */
  boolean is(ScheduleRow row) {
    return row.definitionHash().equals(definitionHash) && (declared || !row.declared());
  }

  /** The next tick after the change. */
  NextTick next(ScheduleRow row) {
    Timing after = row.timing(anchor);
    return row.timingHash().equals(hash)
        ? new NextTick(next, 0)
        : NextTick.of(next, before(), after, now);
  }

  /** When it ticks without the change; null if this process cannot read that. */
  private @Nullable Timing before() {
    try {
      return settings == null ? null : settings.get().timing();
    } catch (RuntimeException unreadable) {
      return null;
    }
  }
}
