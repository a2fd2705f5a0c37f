package dev.durable.internal.store.client;

import dev.durable.execution.ExecutionStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Conditions on the status of executions, in the words of the partial indexes: PostgreSQL uses one
 * only if the text alone shows that the index has all the rows.
 */
final class StatusCondition {

  private static final Set<ExecutionStatus> LISTED =
      EnumSet.complementOf(
          EnumSet.of(ExecutionStatus.PENDING, ExecutionStatus.RUNNING, ExecutionStatus.COMPLETED));

  /** The statuses in the index of statuses. */
  static final String INDEXED = in(LISTED);

  /** A running execution has an owner. */
  static final String RUNNING = "status = 'running' and locked_by is not null";

  /** A pending execution is due at some time. */
  static final String PENDING = "status = 'pending' and wake_at is not null";

  private StatusCondition() {}

  static String of(Collection<ExecutionStatus> wanted) {
    if (wanted.contains(ExecutionStatus.COMPLETED)) {
      return in(wanted);
    }
    List<String> any = new ArrayList<>();
    Set<ExecutionStatus> listed = EnumSet.copyOf(LISTED);
    listed.retainAll(wanted);
    if (!listed.isEmpty()) {
      any.add(in(listed));
    }
    if (wanted.contains(ExecutionStatus.RUNNING)) {
      any.add(RUNNING);
    }
    if (wanted.contains(ExecutionStatus.PENDING)) {
      any.add(PENDING);
    }
    return "(" + String.join(" or ", any) + ")";
  }

  private static String in(Collection<ExecutionStatus> statuses) {
    List<String> texts = statuses.stream().distinct().map(s -> "'" + s.text() + "'").toList();
    return texts.size() == 1
        ? "status = " + texts.getFirst()
        : "status in " + texts.stream().collect(Collectors.joining(", ", "(", ")"));
  }
}
