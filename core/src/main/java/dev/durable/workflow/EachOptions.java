package dev.durable.workflow;

import java.util.function.Consumer;

/**
 * How a forEach in a body is run. A form: it can be changed until the lambda that receives it has
 * returned. Not thread-safe.
 */
public final class EachOptions extends ItemForm<EachOptions> {

  private EachOptions() {}

  /** The options that the lambda fills in. */
  public static EachOptions of(Consumer<? super EachOptions> with) {
    return new EachOptions().filledBy(with);
  }
}
