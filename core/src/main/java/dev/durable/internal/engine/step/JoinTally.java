package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.workflow.JoinPolicy;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts the parts of a fork that have ended, until its policy is satisfied or out of reach. */
public final class JoinTally {

  private final String path;
  private final JoinPolicy policy;
  private final @Nullable BranchResult[] parts;
  private int done;
  private int failed;
  private @Nullable ErrorInfo firstFailure;

  /**
   * @param path of the fork
   * @param size the number of its parts
   */
  public JoinTally(String path, JoinPolicy policy, int size) {
    this.path = path;
    this.policy = policy;
    this.parts = new BranchResult[size];
  }

  /** The number of parts. */
  public int size() {
    return parts.length;
  }

  public boolean hasEnded(int index) {
    return parts[index] != null;
  }

  /**
   * Counts a part that has ended.
   *
   * @throws StepFailure if that fails the whole
   */
  public void ended(int index, BranchResult part) throws StepFailure {
    parts[index] = part;
    switch (part) {
      case BranchResult.Done result -> done++;
      case BranchResult.Failed failure -> {
        failed++;
        firstFailure = firstFailure == null ? failure.error() : firstFailure;
        if (policy instanceof JoinPolicy.FailFast) {
          throw new StepFailure(failure.error());
        }
        if (policy instanceof JoinPolicy.Quorum(int needed) && failed > parts.length - needed) {
          throw new StepFailure(outOfReach(needed, firstFailure));
        }
      }
      case BranchResult.Stopped stopped -> {}
    }
  }

  /** Notes how a part ended that the decision did not need. */
  public void settled(int index, BranchResult part) {
    parts[index] = part;
  }

  private ErrorInfo outOfReach(int needed, ErrorInfo first) {
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
            + first.message(),
        path);
  }

  /** Whether enough parts have ended. */
  public boolean isDecided() {
    return policy instanceof JoinPolicy.Quorum(int needed) ? done >= needed : haveAllEnded();
  }

  /** Whether all parts have ended. */
  public boolean haveAllEnded() {
    return done + failed == parts.length;
  }

  /** The results, one for each part. */
  public List<BranchResult> results() {
    return Arrays.stream(parts)
        .map(part -> part == null ? new BranchResult.Stopped() : part)
        .toList();
  }

  @Override
  public String toString() {
    return done + " done and " + failed + " failed of " + parts.length;
  }
}
