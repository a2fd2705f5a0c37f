package dev.durable.internal.service;

import dev.durable.DurableException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Logs the failures of a thread without flooding: while the database is away a thread fails again
 * and again, and one line in ten seconds is enough. Errors of the JVM have their own line.
 * Thread-safe.
 */
public final class FailureLog {

  private final Logger log;
  private final LongSupplier nanos;
  private final Map<String, ThrottledLog> kinds = new ConcurrentHashMap<>();

  /**
   * @param log the logger to use
   */
  public FailureLog(Logger log) {
    this(log, System::nanoTime);
  }

  FailureLog(Logger log, LongSupplier nanos) {
    this.log = log;
    this.nanos = nanos;
  }

  /**
   * Logs a failure after which the thread continues.
   *
   * @param what the failed work, and what happens next: {@code Could not claim work; trying again}
   * @return whether it wrote a line
   */
  public boolean log(String what, Throwable failure) {
    ThrottledLog lines = kinds.computeIfAbsent(kind(failure), name -> new ThrottledLog(nanos));
    if (!lines.isDue()) {
      return false;
    }
    long unsaid = lines.unsaid();
    String more = unsaid == 0 ? "" : " (and " + unsaid + " more like it since the last line)";
    if (failure instanceof DurableException) {
      log.warn("{}: {}{}", what, failure.getMessage(), more);
    } else if (failure instanceof Exception) {
      log.warn("{}: {}{}", what, failure, more, failure);
    } else {
      log.error("{}: {}{}", what, failure, more, failure);
    }
    return true;
  }

  private static String kind(@Nullable Throwable failure) {
    return failure instanceof Error ? failure.getClass().getName() : "exception";
  }
}
