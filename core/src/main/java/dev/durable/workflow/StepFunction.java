package dev.durable.workflow;

/**
 * The body of a step that needs nothing but its data. Called from any number of threads at once.
 *
 * @param <T> what the previous step returned
 * @param <R> what the next step gets
 */
@FunctionalInterface
public interface StepFunction<T, R> {

  /**
   * Does the step's work.
   *
   * @param data the previous step's result, or the workflow's input in the first step
   * @return the result; never null unless the step's type is {@code Void}
   * @throws Exception anything: the attempt fails and the step's retry policy decides
   */
  R apply(T data) throws Exception;
}
