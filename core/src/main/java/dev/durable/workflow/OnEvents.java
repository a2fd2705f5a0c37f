package dev.durable.workflow;

import dev.durable.wait.AnyOf;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Collects the events that a node waits for, and what each does to the data. Used while the
 * definition is built, by one thread.
 *
 * @param <T> what the node gets
 * @param <O> what it hands on
 */
public final class OnEvents<T, O> {

  /** An event, and what it does to the data. */
  private record On<T, E, O>(Event<E> event, Into<? super T, ? super E, ? extends O> into) {

    O handOn(T data, Events came) throws Exception {
      return into.into(data, came.get(event));
    }

    AnyOf<Came<T, ?, O>> addTo(@Nullable AnyOf<Came<T, ?, O>> others, AnyOf.None none) {
      return others == null
          ? none.on(event, payload -> new Came<>(this, payload))
          : others.on(event, payload -> new Came<>(this, payload));
    }
  }

  /** An event that has come. */
  record Came<T, E, O>(On<T, E, O> on, E payload) {

    O handOn(T data) throws Exception {
      return on.into().into(data, payload);
    }
  }

  private final List<On<T, ?, O>> all = new ArrayList<>();

  private OnEvents() {}

  static <T, O> OnEvents<T, O> of(Consumer<? super OnEvents<T, O>> events) {
    Objects.requireNonNull(events, "events");
    OnEvents<T, O> collected = new OnEvents<>();
    events.accept(collected);
    if (collected.all.isEmpty()) {
      throw new IllegalArgumentException("A wait for events names at least one: any.on(EVENT, …).");
    }
    return collected;
  }

  /**
   * What this event does to the data.
   *
   * @throws IllegalArgumentException if an event of that name is there already
   */
  public <E> OnEvents<T, O> on(Event<E> event, Into<? super T, ? super E, ? extends O> into) {
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(into, "into");
    if (all.stream().anyMatch(on -> on.event().name().equals(event.name()))) {
      throw new IllegalArgumentException("The event '" + event.name() + "' is there twice.");
    }
    all.add(new On<>(event, into));
    return this;
  }

  /** The events, in the order given. */
  List<Event<?>> events() {
    return all.stream().<Event<?>>map(On::event).toList();
  }

  /** Hands on the data with all of them in it, in the order given. */
  static <T> T all(OnEvents<T, T> events, T data, Events came) throws Exception {
    T joined = data;
    for (On<T, ?, T> on : events.all) {
      joined = on.handOn(joined, came);
    }
    return joined;
  }

  /** The same events, for a wait for the first of them. */
  Function<AnyOf.None, AnyOf<Came<T, ?, O>>> first() {
    return none -> {
      AnyOf<Came<T, ?, O>> any = null;
      for (On<T, ?, O> on : all) {
        any = on.addTo(any, none);
      }
      return Objects.requireNonNull(any, "no event");
    };
  }
}
