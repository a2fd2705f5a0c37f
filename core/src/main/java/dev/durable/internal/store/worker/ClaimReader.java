package dev.durable.internal.store.worker;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.journal.Ownership;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** Reads the rows of a claim. */
final class ClaimReader {

  private ClaimReader() {}

  /**
   * The answer to one claim.
   *
   * @param beyond whether others had locked so many rows that more may lie behind those it read
   */
  record Look(Claim claim, boolean beyond) {}

  static Look read(ResultSet rows) throws SQLException {
    List<Claim.Taken> taken = new ArrayList<>();
    Duration nextDue = null;
    boolean more = false;
    boolean beyond = false;
    boolean crowd = false;
    while (rows.next()) {
      nextDue = RowReader.micros(rows, 17);
      more = rows.getBoolean(18);
      beyond = rows.getBoolean(19);
      crowd = rows.getBoolean(20);
      if (rows.getObject(1) != null) {
        taken.add(taken(rows));
      }
    }
    taken.sort(Comparator.comparingLong(Claim.Taken::place));
    return new Look(new Claim(taken, nextDue, more || beyond, crowd), beyond);
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
        row.getLong(15),
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
    String tags = row.getString(8);
    String input = row.getString(9);
    Duration untilDeadline = RowReader.micros(row, 10);
    String compensation = row.getString(11);
    boolean child = row.getBoolean(12);
    return () -> {
      InternalJson.compensation(compensation);
      return new Claimed(
          moved, key, queue, InternalJson.tags(tags), input, untilDeadline, compensation, child);
    };
  }
}
