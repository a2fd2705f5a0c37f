package dev.durable.internal.codec;

import dev.durable.json.JsonException;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import dev.durable.question.FormField;
import dev.durable.question.Question;
import dev.durable.question.QuestionType;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an answer that is an object: which of them count, and as which types they are read.
 *
 * @param all none for an answer that is a single value
 */
public record AnswerFields(List<FormField> all) {

  private static final String BY = "by";
  private static final AnswerFields APPROVAL =
      new AnswerFields(
          List.of(
              new FormField.FlagField("approved", true),
              new FormField.TextField(BY, false, Integer.MAX_VALUE),
              new FormField.TextField("comment", false, Integer.MAX_VALUE)));

  static AnswerFields of(QuestionType type, List<FormField> ofForm) {
    return switch (type) {
      case APPROVAL -> APPROVAL;
      case FORM -> new AnswerFields(ofForm);
      case CHOICE, MULTI_CHOICE, TEXT -> new AnswerFields(List.of());
    };
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** The answer without fields that the question does not have; whole numbers have no fraction. */
  Object known(Object answer) {
    if (all.isEmpty() || !(answer instanceof Map<?, ?> given)) {
      return answer;
    }
    Map<String, @Nullable Object> known = new LinkedHashMap<>();
    for (FormField field : all) {
      if (given.containsKey(field.name())) {
        known.put(field.name(), exact(field, given.get(field.name())));
      }
    }
    return known;
  }

  /** The approver is the person named to the API, whatever the answer claims. */
  static Map<String, @Nullable Object> signed(Map<?, ?> values, String by) {
    Map<String, @Nullable Object> signed = new LinkedHashMap<>();
    values.forEach((name, value) -> signed.put(String.valueOf(name), value));
    signed.put(BY, by.isEmpty() ? null : by);
    return signed;
  }

  /**
   * The values of a stored answer.
   *
   * @throws JsonException if a required one is missing, or one has another type
   */
  Map<String, @Nullable Object> read(String json, Payloads payloads) {
    Map<String, String> stored = JsonFields.split(json);
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (FormField field : all) {
      String value = stored.getOrDefault(field.name(), "null");
      Object read = value.equals("null") ? null : payloads.decode(value, type(field));
      if (read == null && field.required()) {
        throw new JsonException("The answer has no '" + field.name() + "'.", null);
      }
      values.put(field.name(), exact(field, read));
    }
    return values;
  }

  private static @Nullable Object exact(FormField field, @Nullable Object value) {
    if (value == null || !(field instanceof FormField.NumberField number)) {
      return value;
    }
    BigDecimal exact = new BigDecimal(value.toString());
    return number.whole() ? exact.toBigIntegerExact() : exact;
  }

  private static TypeRef<?> type(FormField field) {
    return switch (field) {
      case FormField.NumberField number -> TypeRef.of(BigDecimal.class);
      case FormField.FlagField flag -> TypeRef.of(Boolean.class);
      case FormField.TextField text -> TypeRef.of(String.class);
      case FormField.DateField date -> TypeRef.of(String.class);
      case FormField.ChoiceField choice -> TypeRef.of(String.class);
    };
  }

  /**
   * The record of that name that has these fields; null if this process does not have it, or
   * another version of it.
   */
  public @Nullable Class<?> form(@Nullable String name) {
    if (name == null) {
      return null;
    }
    try {
      ClassLoader context = Thread.currentThread().getContextClassLoader();
      Class<?> found =
          Class.forName(
              name, false, context == null ? AnswerFields.class.getClassLoader() : context);
      return found.isRecord()
              && names(Question.form("", found.asSubclass(Record.class)).fields())
                  .equals(names(all))
          ? found
          : null;
    } catch (ClassNotFoundException | LinkageError | IllegalArgumentException another) {
      return null;
    }
  }

  private static List<String> names(List<FormField> fields) {
    return fields.stream().map(FormField::name).toList();
  }
}
