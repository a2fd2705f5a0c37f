package dev.durable.workflow;

/**
 * The body of a step that also uses its context. Called from any number of threads at once.
 *
 * @param <I> the workflow's input
 * @param <T> what the previous step returned
 * @param <R> what the next step gets
 */
@FunctionalInterface
public interface StepBody<I, T, R> {

  /**
   * Does the step's work. At least once by default: after a crash before the result was committed
   * it runs again.
   *
   * @param data the previous step's result, or the workflow's input in the first step
   * @param step what this attempt knows about itself
   * @return the result; never null unless the step's type is {@code Void}
   * @throws Exception anything: the attempt fails and the step's retry policy decides
   */
  R run(T data, StepContext<I> step) throws Exception;
}
