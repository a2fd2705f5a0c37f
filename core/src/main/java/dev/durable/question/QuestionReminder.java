package dev.durable.question;

/**
 * Reports a question that is still open. Its body may take its time and may throw.
 *
 * <p>It is called at least once: what it has sent is committed after it has returned, and if the
 * worker is lost in between, it is called again with the same {@link Reminder#idempotencyKey()}. If
 * it throws, it is called again after 10 seconds, and after twice as long each further time, up to
 * an hour; a {@link dev.durable.retry.RetryAfterException} brings its own wait. The question stays
 * open meanwhile: its answer and its timeout count as ever. Its row of the history has the error.
 */
@FunctionalInterface
public interface QuestionReminder {

  /**
   * Sends it.
   *
   * @throws Exception if it could not be sent
   */
  void send(Reminder reminder) throws Exception;
}
