package dev.durable.question;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the limits of a form's field from the annotations of a record's component. They are known
 * by their simple names and their numbers, so no library of annotations is needed.
 */
final class LimitAnnotations {

  private LimitAnnotations() {}

  /** Gives a field the limits that a component says. */
  static UnaryOperator<FormField> of(RecordComponent component) {
    Map<String, Annotation> limits = new LinkedHashMap<>();
    elements(component)
        .flatMap(element -> Arrays.stream(element.getAnnotations()))
        .forEach(each -> limits.putIfAbsent(each.annotationType().getSimpleName(), each));
    return field -> size(limits, most(limits, least(limits, field)));
  }

  /** Where the compiler puts an annotation depends on the targets that it declares. */
  private static Stream<AnnotatedElement> elements(RecordComponent component) {
    return Stream.of(component, component.getAnnotatedType(), component.getAccessor());
  }

  private static FormField least(Map<String, Annotation> limits, FormField field) {
    Number least = number(limits.get("Min"), "value");
    return least == null ? field : FieldLimits.least(field, BigDecimal.valueOf(least.longValue()));
  }

  private static FormField most(Map<String, Annotation> limits, FormField field) {
    Number most = number(limits.get("Max"), "value");
    return most == null ? field : FieldLimits.most(field, BigDecimal.valueOf(most.longValue()));
  }

  private static FormField size(Map<String, Annotation> limits, FormField field) {
    Number shortest = number(limits.get("Size"), "min");
    Number longest = number(limits.get("Size"), "max");
    if (shortest == null || longest == null) {
      return field;
    }
    // The greatest int stands for an annotation that says nothing about it.
    FormField limited =
        longest.intValue() == Integer.MAX_VALUE
            ? field
            : FieldLimits.longest(field, longest.intValue());
    return FieldLimits.shortest(limited, shortest.intValue());
  }

  /** A number of an annotation; null if there is no such annotation, or it has no such number. */
  private static @Nullable Number number(@Nullable Annotation annotation, String name) {
    if (annotation == null) {
      return null;
    }
    try {
      Method element = annotation.annotationType().getMethod(name);
      element.trySetAccessible();
      return element.invoke(annotation) instanceof Number number ? number : null;
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException another) {
      return null;
    }
  }
}
