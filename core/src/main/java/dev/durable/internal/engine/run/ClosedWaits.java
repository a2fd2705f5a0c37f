package dev.durable.internal.engine.run;

import dev.durable.execution.StepStatus;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.WaitChanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** Closes waits that are still open, and makes the changes to be committed for that. */
public final class ClosedWaits {

  private ClosedWaits() {}

  /**
   * Closes all waits at a path or below it, whose outcome is no longer needed; nor are children
   * that they waited for.
   */
  public static Uncommitted within(OpenWaits waits, String path) {
    return close(waits, waits.within(path), child -> new WaitChanges.Unwanted(child, true));
  }

  /**
   * Closes the waits of a body that it did not ask for when it was last entered: they must not wake
   * it. A child that such a wait was for ends, unless it was to continue by itself.
   *
   * @param kept the paths of the waits that the body asked for
   */
  public static Uncommitted forgotten(OpenWaits waits, String path, Set<String> kept) {
    if (!waits.isUsed()) {
      return Uncommitted.NOTHING;
    }
    NavigableMap<String, PendingWait> forgotten = waits.within(path);
    forgotten.keySet().removeAll(kept);
    for (String asked : kept) {
      forgotten.keySet().removeIf(place -> ReminderRow.isOneOf(asked, place));
    }
    return close(waits, forgotten, child -> new WaitChanges.Unwanted(child, false));
  }

  private static Uncommitted close(
      OpenWaits waits,
      Map<String, PendingWait> closing,
      Function<UUID, WaitChanges.Unwanted> becauseOf) {
    List<StepRow> rows = new ArrayList<>();
    List<WaitChanges.Change> changes = new ArrayList<>();
    closing.forEach(
        (place, wait) -> {
          rows.add(wait.row(place, StepStatus.CANCELLED, null));
          changes.add(WaitChanges.Closed.cancelled(wait.seq()));
          if (wait.child() != null) {
            changes.add(becauseOf.apply(wait.child()));
          }
          waits.closed(place);
        });
    return new Uncommitted(rows, List.of(), new WaitChanges(changes));
  }
}
