package dev.durable.internal.codec;

import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why an execution is compensated, and how far its compensation has come.
 *
 * @param cause the error that began it
 * @param results the compensations that have ended, in their order
 * @param plan all compensations that will run, in their order; null until it is known
 */
public record CompensationLog(
    ErrorInfo cause, List<CompensationResult> results, @Nullable List<Planned> plan) {

  /** Copies the lists. */
  public CompensationLog {
    results = List.copyOf(results);
    plan = plan == null ? null : List.copyOf(plan);
  }

  /** A compensation that has just begun. */
  public static CompensationLog because(ErrorInfo cause) {
    return new CompensationLog(cause, List.of(), null);
  }

  /**
   * A planned compensation.
   *
   * @param path the path of the step that it undoes
   * @param handler the name of the handler
   */
  public record Planned(String path, String handler) {}
}
