package dev.durable.json;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import org.jspecify.annotations.Nullable;

/** Finds what a type leaves unsaid, and would be read as maps and lists. */
final class NamedTypes {

  private NamedTypes() {}

  /**
   * The type itself.
   *
   * @throws IllegalArgumentException if it has a type variable, or a generic class without its type
   *     arguments
   */
  static Type require(Type type) {
    String problem = problem(type);
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
    return type;
  }

  /** What a component of a record leaves unsaid, or null. Its type variables are the record's. */
  static @Nullable String problem(RecordComponent component) {
    return component.getGenericType() instanceof Class<?> plain ? problem(plain) : null;
  }

  private static @Nullable String problem(Type type) {
    return switch (type) {
      case Class<?> plain -> raw(plain);
      case ParameterizedType generic -> first(generic.getActualTypeArguments());
      case GenericArrayType array -> problem(array.getGenericComponentType());
      case WildcardType wildcard -> first(wildcard.getUpperBounds());
      case TypeVariable<?> variable ->
          "'%s' is a type variable, which is erased when the program runs: name the type itself, as in new TypeRef<List<Item>>() {}."
              .formatted(variable.getName());
      default -> null;
    };
  }

  private static @Nullable String first(Type[] types) {
    for (Type type : types) {
      String problem = problem(type);
      if (problem != null) {
        return problem;
      }
    }
    return null;
  }

  private static @Nullable String raw(Class<?> type) {
    if (type.isArray()) {
      return raw(type.getComponentType());
    }
    int parameters = type.getTypeParameters().length;
    if (parameters == 0) {
      return null;
    }
    String example = parameters == 1 ? "Item" : "String, Item";
    return "%s is generic, and a class alone does not say what is in it: write new TypeRef<%s<%s>>() {}."
        .formatted(type.getName(), type.getSimpleName(), example);
  }
}
