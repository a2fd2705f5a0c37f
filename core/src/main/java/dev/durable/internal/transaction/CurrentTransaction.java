package dev.durable.internal.transaction;

import dev.durable.TransactionBinding;
import java.sql.Connection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks a binding for the transaction that the calling thread is in. */
public final class CurrentTransaction {

  private CurrentTransaction() {}

  /**
   * Its connection; null if the thread is in none.
   *
   * @throws IllegalStateException if the binding fails, or returns null
   */
  @SuppressWarnings({"OptionalAssignedToNull", "ConstantValue"}) // A binding may do that.
  public static @Nullable Connection of(TransactionBinding binding) {
    Optional<Connection> current;
    try {
      current = binding.current();
    } catch (RuntimeException failure) {
      throw new IllegalStateException(
          "TransactionBinding.current() failed, so it is not known whether this thread is in a"
              + " transaction: "
              + failure,
          failure);
    }
    if (current == null) {
      throw new IllegalStateException(
          "TransactionBinding.current() returned null. Return Optional.empty() where the thread is"
              + " in no transaction.");
    }
    return current.orElse(null);
  }
}
