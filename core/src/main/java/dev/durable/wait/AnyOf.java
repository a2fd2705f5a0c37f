package dev.durable.wait;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Events of which the first is enough, and what each of them means: {@code any -> any.on(PAID, paid
 * -> …).on(REFUSED, refused -> …)}. Mutable, for one thread.
 *
 * @param <R> what they mean
 */
public final class AnyOf<R> {

  private final Map<Event<?>, Function<Events, R>> meanings = new LinkedHashMap<>();

  private AnyOf() {}

  /** No event yet; the first decides what they mean. */
  public static final class None {

    private None() {}

    /** The first event. */
    public <E, R> AnyOf<R> on(Event<E> event, Function<? super E, ? extends R> meaning) {
      return new AnyOf<R>().on(event, meaning);
    }
  }

  /** The events that the function names. */
  public static <R> AnyOf<R> of(Function<? super None, AnyOf<R>> events) {
    return Objects.requireNonNull(
        Objects.requireNonNull(events, "events").apply(new None()), "events");
  }

  /**
   * One more event.
   *
   * @throws IllegalArgumentException if an event of that name is there already
   */
  public <E> AnyOf<R> on(Event<E> event, Function<? super E, ? extends R> meaning) {
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(meaning, "meaning");
    if (events().stream().anyMatch(other -> other.name().equals(event.name()))) {
      throw new IllegalArgumentException("The event '" + event.name() + "' is there twice.");
    }
    meanings.put(event, came -> meaning.apply(came.get(event)));
    return this;
  }

  /** The events, in the order given. */
  public List<Event<?>> events() {
    return List.copyOf(meanings.keySet());
  }

  /**
   * The meaning of the event that has come.
   *
   * @throws IllegalArgumentException if none of them has
   */
  public R meaning(Events came) {
    Objects.requireNonNull(came, "came");
    for (Map.Entry<Event<?>, Function<Events, R>> each : meanings.entrySet()) {
      if (came.has(each.getKey())) {
        return each.getValue().apply(came);
      }
    }
    throw new IllegalArgumentException("None of the awaited events is among " + came + ".");
  }
}
