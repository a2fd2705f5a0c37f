package dev.durable.internal.codec;

import dev.durable.json.JsonException;
import dev.durable.json.JsonFields;
import dev.durable.json.JsonTrees;
import dev.durable.json.PayloadTooLargeException;
import dev.durable.question.FormField;
import dev.durable.question.InvalidAnswerException;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Question;
import dev.durable.question.QuestionType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks, stores and reads the answers of people. Their structure and its names are the engine's,
 * as those of the question are; each value in it goes through the user's codec.
 */
public final class Answers {

  private final Payloads payloads;

  /**
   * @param payloads encodes and decodes the values
   */
  public Answers(Payloads payloads) {
    this.payloads = payloads;
  }

  /**
   * The content of an answer: maps, lists, texts, numbers and booleans.
   *
   * @throws InvalidAnswerException if it cannot be written as JSON
   */
  public @Nullable Object plain(String name, @Nullable Object answer) {
    return readable(name, () -> JsonTrees.of(answer));
  }

  /**
   * The same for a JSON text.
   *
   * @throws InvalidAnswerException if it is not JSON
   * @throws PayloadTooLargeException if it is larger than the hard limit
   */
  public @Nullable Object parse(String name, String json) {
    return readable(name, () -> payloads.parse(what(name), json));
  }

  private static String what(String name) {
    return "answer to '" + name + "'";
  }

  private interface Reading {
    @Nullable Object read();
  }

  private static @Nullable Object readable(String name, Reading reading) {
    try {
      return reading.read();
    } catch (PayloadTooLargeException tooLarge) {
      throw tooLarge;
    } catch (JsonException malformed) {
      throw new InvalidAnswerException(name, List.of(FailureMessage.of(malformed)));
    }
  }

  /**
   * An answer as it is stored, after all checks.
   *
   * @param form the class of a form's record; null if this process does not have it
   * @param by the person who answers, whatever the answer claims; may be empty
   * @throws InvalidAnswerException if it does not fit the question
   */
  public String accept(
      OpenQuestion question, @Nullable Class<?> form, @Nullable Object answer, String by) {
    List<String> problems = question.problems(answer);
    if (!problems.isEmpty() || answer == null) {
      throw new InvalidAnswerException(question.name(), problems);
    }
    AnswerFields fields = AnswerFields.of(question.type(), question.fields());
    Object known = fields.known(answer);
    if (known instanceof Map<?, ?> values && question.type() == QuestionType.APPROVAL) {
      known = AnswerFields.signed(values, by);
    }
    requireFits(question.name(), form, fields, known);
    return store(question.name(), fields, known);
  }

  /**
   * A stored answer as its question's type.
   *
   * @throws JsonException if it does not fit
   */
  @SuppressWarnings("unchecked") // The type of the question's answers.
  public <A> A read(Question<A> question, String json) {
    AnswerFields fields = AnswerFields.of(question.type(), question.fields());
    if (fields.isEmpty()) {
      return StepValues.orVoid(payloads.decode(json, question.answer()));
    }
    Object values = fields.read(json, payloads);
    return (A) JsonTrees.as(values, (Class<?>) question.answer().type());
  }

  private static void requireFits(
      String name, @Nullable Class<?> form, AnswerFields fields, Object answer) {
    if (form == null) {
      return;
    }
    Object back = readable(name, () -> JsonTrees.of(JsonTrees.as(answer, form)));
    for (FormField field : fields.all()) {
      // A number that is too large for a double or float has become infinite.
      if (field instanceof FormField.NumberField
          && back instanceof Map<?, ?> values
          && values.get(field.name()) instanceof String) {
        throw new InvalidAnswerException(
            name, List.of("'" + field.name() + "' is out of the range of its type."));
      }
    }
  }

  private String store(String name, AnswerFields fields, Object answer) {
    if (fields.isEmpty() || !(answer instanceof Map<?, ?> values)) {
      return payloads.encode(what(name), answer);
    }
    Map<String, String> stored = new LinkedHashMap<>();
    values.forEach(
        (field, value) ->
            stored.put(
                String.valueOf(field),
                value == null ? "null" : payloads.encode(what(name), value)));
    return payloads.check(what(name), JsonFields.join(stored));
  }
}
