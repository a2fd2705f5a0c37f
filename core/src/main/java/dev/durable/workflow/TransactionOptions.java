package dev.durable.workflow;

import java.util.function.Consumer;

/**
 * How a transaction is run and undone. A form: it can be changed until the lambda that receives it
 * has returned. Not thread-safe.
 *
 * @param <T> what the transaction gets
 * @param <O> what it hands on
 */
public final class TransactionOptions<T, O> extends WorkOptions<T, O, TransactionOptions<T, O>> {

  private TransactionOptions() {}

  static <T, O> TransactionOptions<T, O> of(Consumer<? super TransactionOptions<T, O>> with) {
    return new TransactionOptions<T, O>().filledBy(with);
  }
}
