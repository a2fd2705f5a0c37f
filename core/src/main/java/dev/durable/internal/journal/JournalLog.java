package dev.durable.internal.journal;

import dev.durable.internal.service.FailureLog;
import org.slf4j.LoggerFactory;

/** One throttled log for all threads of the journal: they fail together when the database does. */
final class JournalLog {

  private static final FailureLog FAILURES =
      new FailureLog(LoggerFactory.getLogger(JournalLog.class));

  private JournalLog() {}

  /**
   * @param what cannot be done, and what happens next
   */
  static void failure(String what, Throwable failure) {
    FAILURES.log(what, failure);
  }
}
