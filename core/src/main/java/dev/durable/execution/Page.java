package dev.durable.execution;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A page of a longer list.
 *
 * @param items the rows of this page
 * @param next what to give to {@link ExecutionQuery#after} for the next page, or null if this is
 *     the last
 * @param <T> the rows' type
 */
public record Page<T>(List<T> items, @Nullable UUID next) {

  /** Copies the list. */
  public Page {
    items = List.copyOf(items);
  }
}
