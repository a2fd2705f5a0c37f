package dev.durable.workflow;

import dev.durable.json.TypeRef;
import dev.durable.wait.Event;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a step of the engine is about: the events that it waits for, the question that it asks, the
 * workflow that it starts.
 *
 * @param name such as {@code event 'paid'}; empty where it is known only when the step runs
 * @param types what comes from outside, a line for each type and each component of a record: {@code
 *     paid.amount: int}
 * @param received the types of what the codec reads: payloads and results, not forms
 */
public record Subject(String name, List<String> types, List<TypeRef<?>> received) {

  /** Of a step that works, or whose subject is known only when it runs. */
  public static final Subject NONE = new Subject("", List.of(), List.of());

  /** Copies the lists. */
  public Subject {
    types = List.copyOf(types);
    received = List.copyOf(received);
  }

  static Subject of(String name) {
    return new Subject(name, List.of(), List.of());
  }

  /**
   * A wait for events.
   *
   * @param mode such as {@code any of}; empty for a single event
   */
  static Subject of(String mode, List<Event<?>> events) {
    List<Event<?>> sorted = events.stream().sorted(Comparator.comparing(Event::name)).toList();
    List<String> names = sorted.stream().map(event -> "'" + event.name() + "'").toList();
    Subject subject = of("event " + mode + String.join(", ", names));
    for (Event<?> event : sorted) {
      subject = subject.getting("event " + event.name(), event.type());
    }
    return subject;
  }

  /** The same, receiving a value of that type. */
  Subject getting(String what, TypeRef<?> type) {
    List<TypeRef<?>> more = new ArrayList<>(received);
    more.add(type);
    return new Subject(name, lines(what, type), more);
  }

  private List<String> lines(String what, TypeRef<?> type) {
    TypeLines lines = new TypeLines(types);
    lines.add(what, type.type());
    return lines.all();
  }
}
