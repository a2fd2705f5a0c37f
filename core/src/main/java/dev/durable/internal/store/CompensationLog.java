package dev.durable.internal.store;

import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import java.util.List;

/**
 * Why an execution is being undone, and how far that is.
 *
 * @param cause what made it fail
 * @param results what has been undone so far, in that order
 */
public record CompensationLog(ErrorInfo cause, List<CompensationResult> results) {

  /** Copies the list. */
  public CompensationLog {
    results = List.copyOf(results);
  }
}
