package dev.durable.workflow;

import java.util.function.Consumer;

/**
 * How a forEach is run and undone. A form: it can be changed until the lambda that receives it has
 * returned. Not thread-safe.
 *
 * @param <O> what the node hands on
 */
public final class ForEachOptions<O> extends LoopOptions<O, ForEachOptions<O>> {

  private ForEachOptions() {}

  static <O> ForEachOptions<O> of(Consumer<? super ForEachOptions<O>> with) {
    return new ForEachOptions<O>().filledBy(with);
  }
}
