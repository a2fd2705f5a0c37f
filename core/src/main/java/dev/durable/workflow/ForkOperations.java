package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.List;
import java.util.function.Consumer;

/**
 * Work of a body that is done at once, each part on a virtual thread of its own. A part has a
 * context of its own, in which it can do all that the body can: have effects, wait, start children,
 * and fork again. How a part ended is remembered, by the branch's name or the item's place.
 *
 * <p>A wait of a part begins at once, and the part goes on when it is over, whatever the others do.
 * If no part can go on, the body rests, and is entered again when the first of their waits has
 * ended. Parts that have ended do not run again.
 *
 * @param <I> the workflow's input
 */
public interface ForkOperations<I> {

  // ---- branches ----

  /** {@link #parallel(String, Consumer)} whose first failure fails the whole. */
  default ForkedBranches<I> parallel(String name) {
    return parallel(name, with -> {});
  }

  /**
   * Collects branches, which begin when they are joined.
   *
   * @param name unique within this step
   * @param with when the whole is done
   * @throws IllegalStateException if this body has already asked for that name in this run
   * @throws IllegalArgumentException if the name has a NUL character or half a surrogate pair
   */
  ForkedBranches<I> parallel(String name, Consumer<? super ForkOptions> with);

  // ---- items ----

  /**
   * Runs a body for each item of a list. By default the first that fails cancels the others and
   * fails the whole.
   *
   * <p>The list must be the same whenever this body is entered again: make it of the input, or of
   * what is remembered. An execution whose list has changed is parked, for the results of its items
   * must not be given to others.
   *
   * @param name unique within this step
   * @param type what the body returns
   * @param items may be empty, and has no null; its items can be written as JSON
   * @param body gets an item, and the context of that item
   * @param with how many at once, and when the whole is done
   * @return how the items ended, in their order
   * @throws BranchFailedException if an item has failed for good, unless all are to run to their
   *     end
   * @throws dev.durable.retry.NonRetryableException if an item is null
   * @throws IllegalStateException if this body has already asked for that name in this run
   * @throws Exception what an item throws, if another attempt of the step may help
   */
  <E, R> ItemResults<R> forEach(
      String name,
      TypeRef<R> type,
      List<? extends E> items,
      StepBody<I, ? super E, ? extends R> body,
      Consumer<? super EachOptions> with)
      throws Exception;

  /** {@link #forEach(String, TypeRef, List, StepBody, Consumer)} without options. */
  default <E, R> ItemResults<R> forEach(
      String name,
      TypeRef<R> type,
      List<? extends E> items,
      StepBody<I, ? super E, ? extends R> body)
      throws Exception {
    return this.<E, R>forEach(name, type, items, body, with -> {});
  }

  /** {@link #forEach(String, TypeRef, List, StepBody, Consumer)} with a class. */
  default <E, R> ItemResults<R> forEach(
      String name,
      Class<R> type,
      List<? extends E> items,
      StepBody<I, ? super E, ? extends R> body,
      Consumer<? super EachOptions> with)
      throws Exception {
    return this.<E, R>forEach(name, TypeRef.of(type), items, body, with);
  }

  /** {@link #forEach(String, TypeRef, List, StepBody)} with a class. */
  default <E, R> ItemResults<R> forEach(
      String name, Class<R> type, List<? extends E> items, StepBody<I, ? super E, ? extends R> body)
      throws Exception {
    return this.<E, R>forEach(name, TypeRef.of(type), items, body, with -> {});
  }

  /** {@link #forEach(String, TypeRef, List, StepBody, Consumer)} for items without a result. */
  default <E> ItemResults<Void> forEach(
      String name,
      List<? extends E> items,
      StepActionBody<I, ? super E> body,
      Consumer<? super EachOptions> with)
      throws Exception {
    return this.<E, Void>forEach(
        name, TypeRef.of(Void.class), items, Nodes.<I, E>acting(body), with);
  }

  /** {@link #forEach(String, List, StepActionBody, Consumer)} without options. */
  default <E> ItemResults<Void> forEach(
      String name, List<? extends E> items, StepActionBody<I, ? super E> body) throws Exception {
    return this.<E>forEach(name, items, body, with -> {});
  }
}
