package dev.durable.testing;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Patience, and the states of executions that tests wait for: import its members statically. */
public final class DurableFixture {

  /** Ample time for work that a live worker does at once. */
  public static final Duration SOON = Duration.ofSeconds(30);

  /** Ample time for work that follows a takeover, an outage or the start of another process. */
  public static final Duration EVENTUALLY = Duration.ofSeconds(60);

  private DurableFixture() {}

  /** The committed status. */
  public static ExecutionStatus status(Durable durable, UUID id) {
    return durable.find(id).orElseThrow().status();
  }

  /** The message of its failure. */
  public static String failureOf(ExecutionHandle<?> handle) {
    try {
      handle.result(SOON);
    } catch (ExecutionFailedException failed) {
      return String.valueOf(failed.getMessage());
    }
    throw new AssertionError("it has not failed");
  }

  /** Waits until the execution waits, owned by no worker. */
  public static void untilWaiting(Durable durable, UUID id) {
    untilStatus(durable, id, ExecutionStatus.WAITING);
  }

  /** Waits until the execution has a status. */
  public static void untilStatus(Durable durable, UUID id, ExecutionStatus status) {
    Gate.until(() -> status(durable, id) == status);
  }

  /** The same, as the handle sees it. */
  public static void untilStatus(ExecutionHandle<?> handle, ExecutionStatus status) {
    Gate.until(() -> handle.status() == status);
  }

  /** Waits until the execution has ended. */
  public static void untilEnded(Durable durable, UUID id) {
    Gate.until(() -> status(durable, id).isFinal());
  }

  /** Waits until the execution has opened a wait for an event. */
  public static void untilItAwaitsAnEvent(Durable durable, UUID id) {
    Gate.until(() -> !durable.waits(id).isEmpty());
  }

  /** Waits until the execution has asked a question. */
  public static void untilItAsks(Durable durable, UUID id) {
    Gate.until(() -> !durable.questions().open(id).isEmpty());
  }

  /** The history, each row as its path and its status. */
  public static List<String> steps(Durable durable, UUID id) {
    return durable.steps(id).stream().map(row -> row.path() + " " + row.status().text()).toList();
  }

  /** The history, each row as its type, its path and its status. */
  public static List<String> history(Durable durable, UUID id) {
    return durable.steps(id).stream()
        .map(row -> row.type().text() + " " + row.path() + " " + row.status().text())
        .toList();
  }
}
