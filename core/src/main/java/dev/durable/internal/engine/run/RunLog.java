package dev.durable.internal.engine.run;

import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.CompensationLog;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.journal.Transition;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.DeadlineStore;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs failures: one line each, of {@code key=value} pairs, when they are committed. Never logs
 * payloads.
 */
public final class RunLog {

  private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);
  private static final String CAUSED_BY = "caused by ";
  private static final int LONGEST = 500;

  private RunLog() {}

  /**
   * An attempt has failed.
   *
   * @param next the time until the next attempt; null if there will be none
   */
  public static void attemptFailed(
      Claimed claimed, String path, int attempt, ErrorInfo error, @Nullable Duration next) {
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "Attempt failed: {} step={} attempt={} {} next={}",
          of(claimed),
          value(path),
          attempt,
          of(error),
          next == null ? "none" : next);
    }
  }

  /** An execution has left, for good or until a person helps. */
  public static void left(Claimed claimed, Transition transition) {
    ErrorInfo error = InternalJson.error(transition.error());
    if (error == null) {
      return;
    }
    switch (transition.status()) {
      case FAILED -> LOG.warn("Execution failed: {} {}", of(claimed), withStep(error));
      case COMPENSATED -> {
        if (!error.type().equals(ErrorInfo.CANCELLED)) {
          LOG.warn("Execution failed and is undone: {} {}", of(claimed), withStep(error));
        }
      }
      case COMPENSATION_FAILED ->
          LOG.error(
              "Compensation failed: {} {}{}",
              of(claimed),
              withStep(error),
              failures(transition.compensation()));
      case PARKED -> LOG.warn("Execution is parked: {} {}", of(claimed), withStep(error));
      case WAITING ->
          LOG.info(
              "Execution failed and is tried again: {} {} next={}",
              of(claimed),
              withStep(error),
              transition.wake().in());
      case PENDING, RUNNING, COMPLETED, COMPENSATING, CANCELLED -> {}
    }
  }

  /** An execution that ran on no worker has passed its deadline. */
  public static void tooLate(DeadlineStore.Late late) {
    LOG.warn(
        "Execution {}: {} {}",
        late.undone() ? "failed and is to be undone" : "failed",
        of(late.workflow(), late.version(), late.key(), late.id()),
        withStep(late.error()));
  }

  private static String failures(@Nullable String compensation) {
    CompensationLog undone = InternalJson.compensation(compensation);
    StringBuilder text = new StringBuilder();
    if (undone != null) {
      for (CompensationResult result : undone.results()) {
        ErrorInfo error = result.error();
        if (result.status() == StepStatus.FAILED && error != null) {
          text.append(" compensation=").append(value(result.handler()));
          text.append(" of=").append(value(result.step())).append(' ').append(of(error));
        }
      }
    }
    return text.toString();
  }

  private static String of(Claimed claimed) {
    return of(claimed.workflow(), claimed.version(), claimed.key(), claimed.owner().id());
  }

  private static String of(String workflow, int version, @Nullable String key, UUID id) {
    return "workflow="
        + value(workflow)
        + " version="
        + version
        + " key="
        + (key == null ? "" : value(key))
        + " id="
        + id;
  }

  private static String withStep(ErrorInfo error) {
    return "step=" + (error.step() == null ? "" : value(error.step())) + " " + of(error);
  }

  private static String of(ErrorInfo error) {
    String cause = rootCause(error.stackTrace());
    return "error="
        + value(error.type())
        + " message="
        + value(error.message())
        + (cause == null ? "" : " cause=" + value(cause));
  }

  /** The last of the causes in a stored stack trace, or null. */
  private static @Nullable String rootCause(@Nullable String trace) {
    if (trace == null) {
      return null;
    }
    int at = trace.lastIndexOf("\n" + CAUSED_BY);
    if (at < 0) {
      return null;
    }
    int begin = at + 1 + CAUSED_BY.length();
    int frames = trace.indexOf("\n  at ", begin);
    return trace.substring(begin, frames < 0 ? trace.length() : frames).strip();
  }

  /** A value as one word, or in quotes on one line. */
  private static String value(String text) {
    String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    boolean word = !cut.isEmpty();
    StringBuilder line = new StringBuilder(cut.length() + 2);
    for (int i = 0; i < cut.length(); i++) {
      char c = cut.charAt(i);
      word &= c > ' ' && c != '"' && c != '=';
      if (c == '"' || c == '\\') {
        line.append('\\').append(c);
      } else if (c == '\n') {
        line.append("\\n");
      } else {
        line.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
    return word ? line.toString() : "\"" + line + "\"";
  }
}
