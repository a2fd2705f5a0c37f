package dev.durable.question;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Reads the fields of a form from a record's components. */
final class FormFields {

  private static final Set<Class<?>> FRACTIONS =
      Set.of(double.class, Double.class, float.class, Float.class, BigDecimal.class);

  private FormFields() {}

  static List<FormField> of(Class<? extends Record> form) {
    RecordComponent[] components = form.getRecordComponents();
    if (components == null || components.length == 0) {
      throw new IllegalArgumentException(form.getName() + " is not a record with components.");
    }
    return Arrays.stream(components)
        .map(
            component -> fitting(component, LimitAnnotations.of(component).apply(field(component))))
        .toList();
  }

  /**
   * A field of a form.
   *
   * @param form the form's type
   * @throws IllegalArgumentException if its component can hold no value that keeps to its limits
   */
  static FormField fitting(Type form, FormField field) {
    RecordComponent[] components =
        form instanceof Class<?> type ? type.getRecordComponents() : null;
    return components == null
        ? field
        : Arrays.stream(components)
            .filter(component -> component.getName().equals(field.name()))
            .map(component -> fitting(component, field))
            .findFirst()
            .orElse(field);
  }

  private static FormField fitting(RecordComponent component, FormField field) {
    WholeNumbers held = WholeNumbers.of(component.getType());
    if (held != null && field instanceof FormField.NumberField number) {
      held.require(number);
    }
    return field;
  }

  private static FormField field(RecordComponent component) {
    String name = component.getName();
    Class<?> type = component.getType();
    boolean required = !isNullable(component.getAnnotatedType()) && !isNullable(component);
    if (type == String.class) {
      return new FormField.TextField(name, required, FormField.TextField.LONGEST);
    }
    boolean whole = WholeNumbers.of(type) != null;
    if (whole || FRACTIONS.contains(type)) {
      return new FormField.NumberField(name, required, whole, null, null);
    }
    if (type == LocalDate.class) {
      return new FormField.DateField(name, required);
    }
    if (type == boolean.class || type == Boolean.class) {
      return new FormField.FlagField(name, required);
    }
    if (type.isEnum()) {
      return new FormField.ChoiceField(
          name,
          required,
          Arrays.stream(type.getEnumConstants()).map(each -> ((Enum<?>) each).name()).toList());
    }
    throw new IllegalArgumentException(
        "Component '"
            + name
            + "' of "
            + component.getDeclaringRecord().getName()
            + " is a "
            + ((Type) type).getTypeName()
            + "; a form can have texts, numbers, LocalDates, booleans and enums.");
  }

  private static boolean isNullable(AnnotatedElement element) {
    return Arrays.stream(element.getAnnotations())
        .anyMatch(annotation -> annotation.annotationType().getSimpleName().equals("Nullable"));
  }
}
