package dev.durable.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether the cases of a branch cover what its selector can return, as far as that can be known.
 */
final class Coverage {

  private Coverage() {}

  /**
   * What is not covered, such as {@code does not cover DIGITAL}; null if nothing is known to be.
   */
  static @Nullable String missing(Node.Branch branch) {
    Set<Object> values = values(branch);
    List<String> missing = new ArrayList<>();
    for (Object expected : expected(values)) {
      boolean covered =
          values.contains(expected)
              || (expected instanceof Class<?> type
                  && values.stream()
                      .anyMatch(value -> value instanceof Class<?> c && c.isAssignableFrom(type)));
      if (!covered) {
        missing.add(expected instanceof Class<?> type ? type.getSimpleName() : "" + expected);
      }
    }
    if (!missing.isEmpty()) {
      return "does not cover " + String.join(", ", missing);
    }
    return expected(values).isEmpty() && !branch.input().equals(branch.output())
        ? "may match no case, and then has nothing of type " + branch.output() + " to hand on"
        : null;
  }

  /** Whether all that its selector can return, but null, is known and covered. */
  static boolean isClosed(Node.Branch branch) {
    return !expected(values(branch)).isEmpty() && missing(branch) == null;
  }

  private static Set<Object> values(Node.Branch branch) {
    return branch.cases().stream()
        .map(Node.Case::value)
        .flatMap(Stream::ofNullable)
        .collect(Collectors.toSet());
  }

  /** All values or classes that there are, judging by those that are named; empty if unknown. */
  private static List<Object> expected(Set<Object> named) {
    Object first = named.stream().findFirst().orElse(null);
    return switch (first) {
      case Boolean flag -> List.of(true, false);
      case Enum<?> constant -> List.of((Object[]) constant.getDeclaringClass().getEnumConstants());
      case Class<?> type -> leaves(sealedParents(named));
      case null, default -> List.of();
    };
  }

  /** The sealed types that all named classes share; the narrowest first. */
  private static List<Class<?>> sealedParents(Set<Object> named) {
    List<Class<?>> common = null;
    for (Object type : named) {
      List<Class<?>> parents = ancestors((Class<?>) type).filter(Class::isSealed).toList();
      if (common == null) {
        common = new ArrayList<>(parents);
      } else {
        common.retainAll(parents);
      }
    }
    return common == null ? List.of() : common;
  }

  private static Stream<Class<?>> ancestors(Class<?> type) {
    Stream<Class<?>> direct =
        Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()));
    List<Class<?>> parents = direct.toList();
    return Stream.concat(parents.stream(), parents.stream().flatMap(Coverage::ancestors))
        .distinct();
  }

  private static List<Object> leaves(List<Class<?>> parents) {
    return parents.isEmpty() ? List.of() : leaves(parents.getFirst()).toList();
  }

  private static Stream<Object> leaves(Class<?> type) {
    Class<?>[] permitted = type.getPermittedSubclasses();
    return permitted == null ? Stream.of(type) : Stream.of(permitted).flatMap(Coverage::leaves);
  }
}
