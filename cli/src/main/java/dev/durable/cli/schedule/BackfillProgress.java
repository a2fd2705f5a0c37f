package dev.durable.cli.schedule;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.Schedules;
import java.time.Duration;
import java.util.function.Consumer;

/** Follows a backfill, and says how far it is whenever that has changed. */
final class BackfillProgress {

  private static final int LOOK_MILLIS = 250;

  private final Schedules schedules;
  private final Backfill asked;
  private final Consumer<String> out;

  BackfillProgress(Schedules schedules, Backfill asked, Consumer<String> out) {
    this.schedules = schedules;
    this.asked = asked;
    this.out = out;
  }

  /**
   * Returns when all its executions have ended.
   *
   * @throws CommandFailedException if it was cancelled, its schedule has been deleted, or the
   *     thread is interrupted
   */
  void await() {
    String said = "";
    Backfill now = look();
    while (!now.isDone() || now.running() > 0) {
      String line = line(now);
      if (!line.equals(said)) {
        out.accept(line);
        said = line;
      }
      rest();
      now = look();
    }
    out.accept(line(now));
    if (now.cancelled()) {
      throw new CommandFailedException(
          ExitCodes.FAILED, "backfill " + asked.id() + " was cancelled.");
    }
  }

  private Backfill look() {
    return schedules.backfills(asked.schedule()).stream()
        .filter(each -> each.id().equals(asked.id()))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandFailedException(
                    ExitCodes.FAILED, "backfill " + asked.id() + " is no longer known."));
  }

  private static void rest() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException(ExitCodes.INTERRUPTED, "interrupted");
    }
  }

  static String line(Backfill backfill) {
    return "%3d %%: %d started, %d left out, %d running"
        .formatted(percent(backfill), backfill.started(), backfill.existing(), backfill.running());
  }

  /** How far it has come in the time of its range. */
  private static long percent(Backfill backfill) {
    if (backfill.next() == null) {
      return 100;
    }
    Duration range = Duration.between(backfill.from(), backfill.until());
    return Duration.between(backfill.from(), backfill.next()).toMillis()
        * 100
        / Math.max(1, range.toMillis());
  }
}
