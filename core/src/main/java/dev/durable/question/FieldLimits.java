package dev.durable.question;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Gives the fields of a form their limits, and refuses limits that do not fit a field. */
final class FieldLimits {

  private FieldLimits() {}

  static FormField range(FormField field, BigDecimal least, BigDecimal most) {
    return with(number(field), least, most);
  }

  static FormField least(FormField field, BigDecimal least) {
    FormField.NumberField number = number(field);
    return with(number, least, number.most());
  }

  static FormField most(FormField field, BigDecimal most) {
    FormField.NumberField number = number(field);
    return with(number, number.least(), most);
  }

  private static FormField with(
      FormField.NumberField number, @Nullable BigDecimal least, @Nullable BigDecimal most) {
    return require(
        new FormField.NumberField(number.name(), number.required(), number.whole(), least, most));
  }

  private static FormField.NumberField number(FormField field) {
    if (field instanceof FormField.NumberField number) {
      return number;
    }
    throw new IllegalArgumentException(
        "Field '" + field.name() + "' is not a number, so it cannot have a range.");
  }

  static FormField shortest(FormField field, int characters) {
    FormField.TextField text = text(field);
    return with(text, characters, text.longest());
  }

  static FormField longest(FormField field, int characters) {
    FormField.TextField text = text(field);
    return with(text, text.shortest(), characters);
  }

  private static FormField with(FormField.TextField text, int shortest, int longest) {
    return require(new FormField.TextField(text.name(), text.required(), shortest, longest));
  }

  private static FormField.TextField text(FormField field) {
    if (field instanceof FormField.TextField text) {
      return text;
    }
    throw new IllegalArgumentException(
        "Field '" + field.name() + "' is not a text, so its length cannot be limited.");
  }

  /**
   * The field itself.
   *
   * @throws IllegalArgumentException if no value keeps to its limits, or one cannot be stored
   */
  static FormField require(FormField field) {
    switch (field) {
      case FormField.TextField text -> requireLengths(text);
      case FormField.NumberField number -> requireRange(number);
      case FormField.DateField date -> {}
      case FormField.FlagField flag -> {}
      case FormField.ChoiceField choice -> {}
    }
    return field;
  }

  private static void requireLengths(FormField.TextField text) {
    if (text.shortest() < 0 || text.longest() < text.shortest()) {
      throw unusable(text, "have", text.shortest(), text.longest() + " characters");
    }
  }

  private static void requireRange(FormField.NumberField number) {
    BigDecimal least = number.least();
    BigDecimal most = number.most();
    requireStorable(number.name(), least);
    requireStorable(number.name(), most);
    if (least == null || most == null) {
      return;
    }
    if (least.compareTo(most) > 0) {
      throw unusable(number, "be", least, most.toString());
    }
    if (number.whole() && least.setScale(0, RoundingMode.CEILING).compareTo(most) > 0) {
      throw unusable(number, "be a whole number,", least, most.toString());
    }
  }

  private static void requireStorable(String field, @Nullable BigDecimal limit) {
    if (limit != null && !AnswerRules.isStorable(limit)) {
      throw new IllegalArgumentException("Field '" + field + "' has a limit with too many digits.");
    }
  }

  private static IllegalArgumentException unusable(
      FormField field, String verb, Object least, String most) {
    return new IllegalArgumentException(
        "Field '"
            + field.name()
            + "' cannot "
            + verb
            + " at least "
            + least
            + " and at most "
            + most
            + ".");
  }
}
