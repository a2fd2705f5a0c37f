package dev.durable.internal.store.worker;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.worker.Lane.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a claim. */
final class ClaimReader {

  private ClaimReader() {}

  /**
   * The answer to one claim.
   *
   * @param beyond whether others had locked so many rows that more may lie behind those it read
   * @param last of each lane, the place of the row that it took last
   */
  record Look(Claim claim, boolean beyond, Map<Lane, Place> last) {

    /** The same, and what it found was refused. */
    Look refused() {
      return new Look(claim.withRefusal(), beyond, last);
    }
  }

  /** Reads the last columns of a row. */
  interface Rest {
    /** Reads them. */
    void of(ResultSet row) throws SQLException;
  }

  /**
   * Reads an answer.
   *
   * @param rest reads them, in each row
   */
  static Look read(ResultSet rows, Rest rest) throws SQLException {
    List<Row> claimed = new ArrayList<>();
    Duration nextDue = null;
    boolean more = false;
    boolean beyond = false;
    boolean crowd = false;
    while (rows.next()) {
      nextDue = RowReader.micros(rows, 21);
      more = rows.getBoolean(22);
      beyond = rows.getBoolean(23);
      crowd = rows.getBoolean(24);
      rest.of(rows);
      if (rows.getObject(1) != null) {
        claimed.add(new Row(rows.getLong(15), taken(rows), lane(rows), place(rows)));
      }
    }
    claimed.sort(Comparator.comparingLong(Row::number));
    List<Claim.Taken> taken = claimed.stream().map(Row::taken).toList();
    Map<Lane, Place> last = new HashMap<>();
    claimed.stream().filter(r -> r.place != null).forEach(r -> last.put(r.lane, r.place));
    return new Look(new Claim(taken, nextDue, more || beyond, crowd, false), beyond, last);
  }

  /** A claimed execution; it has a place in its lane if it was due when it was written. */
  private record Row(long number, Claim.Taken taken, Lane lane, @Nullable Place place) {}

  private static Lane lane(ResultSet row) throws SQLException {
    String fingerprint = Objects.requireNonNullElse(row.getString(5), "");
    return new Lane(row.getString(7), new Edition(row.getString(3), row.getInt(4), fingerprint));
  }

  private static @Nullable Place place(ResultSet row) throws SQLException {
    int priority = row.getInt(17);
    return row.wasNull()
        ? null
        : new Place(priority, RowReader.requiredTime(row, "wake_at"), RowReader.id(row));
  }

  /** An execution that cannot be read must not keep the others from running. */
  private static Claim.Taken taken(ResultSet row) throws SQLException {
    Ownership owner = RowReader.ownership(row);
    Supplier<Claimed> contents = contents(owner, row);
    Claimed claimed = null;
    Throwable unreadable = null;
    try {
      claimed = contents.get();
    } catch (RuntimeException damaged) {
      unreadable = damaged;
    }
    return new Claim.Taken(
        owner,
        row.getString(7),
        row.getLong(13),
        row.getBoolean(14),
        row.getBoolean(16),
        claimed,
        unreadable);
  }

  /** Reads the columns now and decodes them later: decoding may fail, for this execution alone. */
  private static Supplier<Claimed> contents(Ownership owner, ResultSet row) throws SQLException {
    LastDefinition moved =
        new LastDefinition(owner, row.getString(3), row.getInt(4), row.getString(5));
    String key = row.getString(6);
    String queue = row.getString(7);
    String schedule = row.getString("schedule_name");
    StartRow.Tick tick =
        schedule == null ? null : new StartRow.Tick(schedule, RowReader.time(row, "scheduled_for"));
    String tags = row.getString(8);
    String input = row.getString(9);
    Duration untilDeadline = RowReader.micros(row, 10);
    String compensation = row.getString(11);
    boolean child = row.getBoolean(12);
    return () -> {
      InternalJson.compensation(compensation);
      return new Claimed(
          moved,
          key,
          queue,
          tick,
          InternalJson.tags(tags),
          input,
          untilDeadline,
          compensation,
          child);
    };
  }
}
