package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.lang.reflect.Type;
import java.util.List;

/**
 * What a step of the engine is about: the events that it waits for, the question that it asks, the
 * workflow that it starts.
 *
 * @param name such as {@code event 'paid'}; empty where it is known only when the step runs
 * @param types what comes from outside, a line for each type and each component of a record: {@code
 *     paid.amount: int}
 */
public record Subject(String name, List<String> types) {

  /** Of a step that works, or whose subject is known only when it runs. */
  public static final Subject NONE = new Subject("", List.of());

  /** Copies the list. */
  public Subject {
    types = List.copyOf(types);
  }

  static Subject of(String name) {
    return new Subject(name, List.of());
  }

  /** The same, getting something of that type. */
  Subject getting(String what, TypeRef<?> type) {
    return getting(what, type.type());
  }

  private Subject getting(String what, Type type) {
    TypeLines lines = new TypeLines(types);
    lines.add(what, type);
    return new Subject(name, lines.all());
  }
}
