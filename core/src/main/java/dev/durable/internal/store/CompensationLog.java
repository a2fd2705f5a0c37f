package dev.durable.internal.store;

import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why an execution is being undone, and how far that is.
 *
 * @param cause what made it fail
 * @param results what has been undone so far, in that order
 * @param plan all that is to be undone, in that order; null as long as that is not known
 */
public record CompensationLog(
    ErrorInfo cause, List<CompensationResult> results, @Nullable List<Planned> plan) {

  /** Copies the lists. */
  public CompensationLog {
    results = List.copyOf(results);
    plan = plan == null ? null : List.copyOf(plan);
  }

  /** One that has just begun. */
  public static CompensationLog because(ErrorInfo cause) {
    return new CompensationLog(cause, List.of(), null);
  }

  /**
   * Something that is to be undone.
   *
   * @param path where it was done
   * @param handler the name of what undoes it
   */
  public record Planned(String path, String handler) {}
}
