package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.workflow.JoinPolicy;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts how the parts of a fork ended. */
final class DryTally {

  private final String path;
  private final JoinPolicy policy;
  private final @Nullable DryPart[] parts;
  private int done;
  private int failed;
  private @Nullable ErrorInfo first;

  DryTally(String path, JoinPolicy policy, int size) {
    this.path = path;
    this.policy = policy;
    this.parts = new DryPart[size];
  }

  void ended(int index, DryPart part) throws DryFailure {
    parts[index] = part;
    if (part instanceof DryPart.Done) {
      done++;
    }
    if (part instanceof DryPart.Failed(ErrorInfo error)) {
      failed++;
      first = first == null ? error : first;
      if (policy instanceof JoinPolicy.FailFast) {
        throw new DryFailure(error);
      }
      if (policy instanceof JoinPolicy.Quorum(int needed) && failed > parts.length - needed) {
        throw new DryFailure(outOfReach(needed, first));
      }
    }
  }

  boolean hasEnded(int index) {
    return parts[index] != null;
  }

  private ErrorInfo outOfReach(int needed, ErrorInfo why) {
    return ErrorInfo.of(
        ErrorInfo.QUORUM_NOT_REACHED,
        "'"
            + path
            + "' needs "
            + needed
            + " of its "
            + parts.length
            + " branches, but "
            + failed
            + " have failed; the first with: "
            + why.message(),
        path);
  }

  boolean isDecided() {
    return policy instanceof JoinPolicy.Quorum(int needed)
        ? done >= needed
        : done + failed == parts.length;
  }

  List<DryPart> results() {
    return Arrays.stream(parts).map(part -> part == null ? new DryPart.Stopped() : part).toList();
  }
}
