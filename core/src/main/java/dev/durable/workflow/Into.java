package dev.durable.workflow;

/**
 * Makes one value of what parallel work returned. Runs once its parts have ended; its own result is
 * committed like a step's.
 *
 * @param <T> what the whole got
 * @param <S> the results of the parts
 * @param <R> what the next node gets
 */
@FunctionalInterface
public interface Into<T, S, R> {

  /**
   * Joins the results.
   *
   * @param data what the whole got
   * @param results how its parts ended
   * @throws Exception anything: the execution fails
   */
  R join(T data, S results) throws Exception;
}
