package dev.durable.testing;

import dev.durable.Debounce;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.StartRow;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Starts of {@code order@1} in the default queue, with nothing else to say about them. */
public final class StartRows {

  private StartRows() {}

  /** With a business key. */
  public static StartRow withKey(@Nullable String key) {
    return with(new StartRow.KeyUse(key, false, null), StartRow.Turn.now("default", 0), "1");
  }

  /** Debounced for an hour. */
  public static StartRow debounced(String key, String input) {
    Duration hour = Duration.ofHours(1);
    return with(
        new StartRow.KeyUse(key, false, new Debounce(key, hour, null)),
        new StartRow.Turn("default", 0, hour, null, null, false),
        input);
  }

  private static StartRow with(StartRow.KeyUse use, StartRow.Turn turn, String input) {
    return new StartRow(
        TimeOrderedIds.next(),
        new StartRow.Definition("order", 1, null),
        use,
        turn,
        input,
        Map.of(),
        StartRow.Limit.NONE,
        null,
        null);
  }

  /** Owned by a worker from the first moment. */
  public static StartRow ownedBy(UUID worker) {
    return withKey(null).ownedBy(worker);
  }
}
