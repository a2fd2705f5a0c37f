package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.FailureMessage;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.text.StorableText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes apart changes that the database refused together, to find the row that it refuses. */
final class RejectedRows {

  private RejectedRows() {}

  /** The same changes in parts: those of waits together, and every other row by itself. */
  static List<Uncommitted> parts(Uncommitted all) {
    List<StepRow> waits = all.rows().stream().filter(row -> row.type().isWait()).toList();
    List<Uncommitted> parts = new ArrayList<>();
    parts.add(new Uncommitted(waits, all.forgotten(), all.waits()));
    all.rows().stream()
        .filter(row -> !row.type().isWait())
        .forEach(row -> parts.add(Uncommitted.of(List.of(row))));
    return parts;
  }

  /** The row of a failure, for certain without a value that the database refuses. */
  static StepRow failed(StepRow row, ErrorInfo error) {
    return new StepRow(
        row.seq(),
        StorableText.storable(row.path()),
        row.type(),
        row.attempt(),
        StepStatus.FAILED,
        null,
        InternalJson.write(error),
        row.elapsed(),
        row.opened(),
        null,
        row.compensates());
  }

  static ErrorInfo describe(RejectedEntryException rejected, @Nullable String path) {
    return ErrorInfo.of(
        ErrorInfo.VALUE_REJECTED,
        FailureMessage.of(rejected),
        path == null ? null : StorableText.storable(path));
  }
}
