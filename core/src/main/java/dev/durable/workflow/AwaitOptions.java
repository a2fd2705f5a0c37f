package dev.durable.workflow;

import java.util.function.Consumer;

/**
 * How a node waits for events, or for a person's answer. A form: it can be changed until the lambda
 * that receives it has returned. Not thread-safe.
 *
 * @param <T> what the node gets
 * @param <O> what it hands on
 */
public final class AwaitOptions<T, O> extends WaitOptions<T, O, AwaitOptions<T, O>> {

  private AwaitOptions() {}

  static <T, O> AwaitOptions<T, O> of(Consumer<? super AwaitOptions<T, O>> with) {
    return new AwaitOptions<T, O>().filledBy(with);
  }
}
