package dev.durable.question;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks an answer against its question. */
final class AnswerRules {

  private static final int MOST_DIGITS = 16_000;
  private static final int MOST_SHOWN = 40;

  private final QuestionType type;
  private final List<String> choices;
  private final List<FormField> fields;
  private final List<String> reasons = new ArrayList<>();

  /**
   * @param type the kind of answer
   * @param choices the choices; empty for anything but a choice
   * @param fields the fields; empty for anything but a form
   */
  AnswerRules(QuestionType type, List<String> choices, List<FormField> fields) {
    this.type = type;
    this.choices = choices;
    this.fields = fields;
  }

  /** Everything that is wrong with an answer, given as maps, lists, texts, numbers and booleans. */
  List<String> problems(@Nullable Object answer) {
    switch (type) {
      case APPROVAL -> approval(answer);
      case CHOICE -> choice("The answer", answer, choices);
      case MULTI_CHOICE -> multiChoice(answer);
      case TEXT -> text("The answer", answer, 0, FormField.TextField.LONGEST);
      case FORM -> form(answer);
    }
    return reasons;
  }

  private void refuse(String reason) {
    reasons.add(reason);
  }

  private void approval(@Nullable Object answer) {
    if (!(answer instanceof Map<?, ?> values) || !(values.get("approved") instanceof Boolean)) {
      refuse("The answer must be an approval: {\"approved\": true or false, ...}.");
    } else if (values.get("comment") != null) {
      text("'comment'", values.get("comment"), 0, Integer.MAX_VALUE);
    }
  }

  private void choice(String what, @Nullable Object answer, List<String> choices) {
    if (!(answer instanceof String chosen) || !choices.contains(chosen)) {
      refuse(what + " must be one of " + choices + ".");
    }
  }

  private void multiChoice(@Nullable Object answer) {
    if (!(answer instanceof List<?> chosen)) {
      refuse("The answer must be a list of some of " + choices + ".");
      return;
    }
    for (Object each : chosen) {
      choice("Each answer", each, choices);
    }
    if (new HashSet<>(chosen).size() < chosen.size()) {
      refuse("The answer has a choice twice.");
    }
  }

  private void text(String what, @Nullable Object answer, int shortest, int longest) {
    if (!(answer instanceof String text)) {
      refuse(what + " must be a text.");
    } else if (text.length() > longest) {
      refuse(what + " must have at most " + characters(longest) + ", not " + text.length() + ".");
    } else if (text.length() < shortest) {
      refuse(what + " must have at least " + characters(shortest) + ", not " + text.length() + ".");
    }
  }

  private static String characters(int number) {
    return number + (number == 1 ? " character" : " characters");
  }

  private void form(@Nullable Object answer) {
    if (!(answer instanceof Map<?, ?> values)) {
      refuse("The answer must be an object with the form's fields.");
      return;
    }
    for (FormField field : fields) {
      Object value = values.get(field.name());
      if (value != null) {
        field(field, value);
      } else if (field.required()) {
        refuse("'" + field.name() + "' is required.");
      }
    }
    for (Object name : values.keySet()) {
      if (fields.stream().noneMatch(field -> field.name().equals(name))) {
        refuse("The form has no field '" + name + "'.");
      }
    }
  }

  private void field(FormField field, Object value) {
    String what = "'" + field.name() + "'";
    switch (field) {
      case FormField.TextField text -> text(what, value, text.shortest(), text.longest());
      case FormField.NumberField number -> number(what, number, value);
      case FormField.DateField date -> date(what, value);
      case FormField.FlagField flag -> {
        if (!(value instanceof Boolean)) {
          refuse(what + " must be true or false.");
        }
      }
      case FormField.ChoiceField choice -> choice(what, value, choice.choices());
    }
  }

  private void number(String what, FormField.NumberField field, Object value) {
    if (!(value instanceof Number)) {
      refuse(what + " must be a number.");
      return;
    }
    BigDecimal number = exact(value);
    if (number == null) {
      refuse(what + " has too many digits.");
      return;
    }
    if (field.whole() && number.stripTrailingZeros().scale() > 0) {
      refuse(what + " must be a whole number.");
    }
    if (field.least() != null && number.compareTo(field.least()) < 0) {
      refuse(what + " must be at least " + field.least() + ", not " + shown(number) + ".");
    }
    if (field.most() != null && number.compareTo(field.most()) > 0) {
      refuse(what + " must be at most " + field.most() + ", not " + shown(number) + ".");
    }
  }

  private static String shown(BigDecimal number) {
    String all = number.toString();
    return all.length() > MOST_SHOWN ? all.substring(0, MOST_SHOWN) + "…" : all;
  }

  /** Null if it has more digits than a database can store. */
  private static @Nullable BigDecimal exact(Object number) {
    try {
      BigDecimal exact = new BigDecimal(number.toString());
      return isStorable(exact) ? exact : null;
    } catch (NumberFormatException infinite) {
      return null;
    }
  }

  static boolean isStorable(BigDecimal number) {
    return Math.abs((long) number.scale()) + number.precision() <= MOST_DIGITS;
  }

  private void date(String what, Object value) {
    try {
      LocalDate.parse(String.valueOf(value));
    } catch (DateTimeException notOne) {
      refuse(what + " must be a date such as 2026-01-31.");
    }
  }
}
