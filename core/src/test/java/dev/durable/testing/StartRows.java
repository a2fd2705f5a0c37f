package dev.durable.testing;

import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.StartRow;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Starts of {@code order@1} in the default queue, with nothing else to say about them. */
public final class StartRows {

  private StartRows() {}

  /** With a business key. */
  public static StartRow withKey(@Nullable String key) {
    return new StartRow(
        TimeOrderedIds.next(),
        new StartRow.Definition("order", 1, null),
        new StartRow.KeyUse(key, false, null),
        StartRow.Turn.now("default", 0),
        "1",
        Map.of(),
        StartRow.Limit.NONE,
        null);
  }

  /** Owned by a worker from the first moment. */
  public static StartRow ownedBy(UUID worker) {
    return withKey(null).ownedBy(worker);
  }
}
