package dev.durable.workflow;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Types as lines of text, with the components of records, so that a changed record is seen. */
final class TypeLines {

  private final List<String> lines;
  private final Deque<Class<?>> within = new ArrayDeque<>();

  TypeLines(List<String> before) {
    this.lines = new ArrayList<>(before);
  }

  List<String> all() {
    return lines;
  }

  void add(String name, Type type) {
    lines.add(name + ": " + type.getTypeName());
    switch (type) {
      case Class<?> plain -> parts(name, plain);
      case ParameterizedType generic -> {
        if (generic.getRawType() instanceof Class<?> raw) {
          parts(name, raw);
        }
        Type[] arguments = generic.getActualTypeArguments();
        for (int i = 0; i < arguments.length; i++) {
          add(name + "<" + i + ">", arguments[i]);
        }
      }
      default -> {}
    }
  }

  private void parts(String name, Class<?> type) {
    if (within.contains(type)) {
      return;
    }
    within.push(type);
    if (type.isRecord()) {
      for (RecordComponent component : type.getRecordComponents()) {
        add(name + "." + component.getName(), component.getGenericType());
      }
    } else if (type.isSealed()) {
      for (Class<?> leaf : type.getPermittedSubclasses()) {
        add(name + "(" + leaf.getSimpleName() + ")", leaf);
      }
    } else if (type.isArray()) {
      add(name + "[]", type.getComponentType());
    }
    within.pop();
  }
}
