package dev.durable.workflow;

import static java.util.stream.Collectors.toSet;

import dev.durable.internal.text.NodePath;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names of the cases of a branch, made of their values. They do not depend on the order of the
 * cases: an execution that has chosen one must not go on in another.
 */
final class CaseNames {

  static final String OTHERWISE = "otherwise";

  private final Node.@Nullable Sequence otherwise;
  private List<Node.Case> cases;

  CaseNames(List<Node.Case> cases, Node.@Nullable Sequence otherwise) {
    this.cases = List.copyOf(cases);
    this.otherwise = otherwise;
  }

  /** The cases, each by a name that says its type where the plain one is not its own. */
  List<Node.Case> unique() {
    List<Node.Case> before = List.of();
    while (!before.equals(cases)) {
      before = cases;
      Set<String> several = several();
      cases = before.stream().map(one -> several.contains(name(one)) ? inFull(one) : one).toList();
    }
    return cases;
  }

  /** The names that more than one path has. */
  private Set<String> several() {
    Set<String> seen = new HashSet<>(otherwise == null ? Set.of() : Set.of(otherwise.name()));
    return cases.stream().map(CaseNames::name).filter(n -> !seen.add(n)).collect(toSet());
  }

  private static String name(Node.Case one) {
    return one.path().name();
  }

  private static Node.Case inFull(Node.Case one) {
    Node.Sequence path = one.path();
    return new Node.Case(
        one.value(),
        new Node.Sequence(inFull(one.value()), path.input(), path.output(), path.children()));
  }

  /** The name that a value gives to its case. */
  static String plain(@Nullable Object value) {
    return NodePath.writtenOrEmpty(
        switch (value) {
          case Class<?> type when type.getSimpleName().isEmpty() -> type.getName();
          case Class<?> type -> type.getSimpleName();
          case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT);
          case null, default -> String.valueOf(value);
        });
  }

  private static String inFull(@Nullable Object value) {
    return switch (value) {
      case null -> "null:";
      case Class<?> type -> NodePath.written("class:" + type.getName());
      case Enum<?> constant ->
          NodePath.written(type(constant.getDeclaringClass()) + ":" + constant.name());
      default -> NodePath.written(type(value.getClass()) + ":" + value);
    };
  }

  private static String type(Class<?> type) {
    return type.getPackageName().equals("java.lang") ? type.getSimpleName() : type.getName();
  }
}
