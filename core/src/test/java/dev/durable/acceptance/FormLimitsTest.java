package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.question.FormField;
import dev.durable.question.FormField.NumberField;
import dev.durable.question.FormField.TextField;
import dev.durable.question.InvalidAnswerException;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Limits of a form's fields")
@Tag("newest")
class FormLimitsTest {

  /** As Jakarta Validation has it. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({
    ElementType.METHOD,
    ElementType.FIELD,
    ElementType.ANNOTATION_TYPE,
    ElementType.CONSTRUCTOR,
    ElementType.PARAMETER,
    ElementType.TYPE_USE
  })
  @interface Min {
    long value();
  }

  /** One that the compiler puts on the accessor, not on the component. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  @interface Max {
    long value();
  }

  /** One that the compiler puts on the component. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Size {
    int min() default 0;

    int max() default Integer.MAX_VALUE;
  }

  /** A form without limits. */
  record Offer(
      int discount, BigDecimal price, String comment, @Nullable String note, boolean rush) {}

  /** A form with limits. */
  record Limited(
      @Min(1) @Max(30) int discount,
      @Min(-1) @Nullable Long change,
      @Max(5) double weight,
      @Size(min = 2, max = 20_000) String comment,
      @Size(min = 3) @Nullable String note) {}

  private static final Question<Offer> OFFER =
      Question.form("?", Offer.class)
          .range("discount", 0, 30)
          .range("price", new BigDecimal("0.5"), new BigDecimal("1000"))
          .minLength("comment", 3)
          .maxLength("comment", 8)
          .maxLength("note", 2);

  private static Map<String, Object> offer(Object... changes) {
    Map<String, Object> values =
        new LinkedHashMap<>(
            Map.of(
                "discount", 30, "price", new BigDecimal("0.50"), "comment", "so!", "rush", true));
    for (int i = 0; i < changes.length; i += 2) {
      values.put((String) changes[i], changes[i + 1]);
    }
    return values;
  }

  @Test
  @DisplayName("A value within them is taken; another is refused with field, value and limit")
  void valuesAreChecked() {
    assertThat(OFFER.problems(offer())).isEmpty();
    assertThat(OFFER.problems(offer("price", 1000, "comment", "12345678", "note", ""))).isEmpty();
    assertThat(
            OFFER.problems(
                offer(
                    "discount",
                    31,
                    "price",
                    new BigDecimal("0.49"),
                    "comment",
                    "123456789",
                    "note",
                    "abc")))
        .containsExactly(
            "'discount' must be at most 30, not 31.",
            "'price' must be at least 0.5, not 0.49.",
            "'comment' must have at most 8 characters, not 9.",
            "'note' must have at most 2 characters, not 3.");
    assertThat(OFFER.problems(offer("discount", -1, "price", 1000.01, "comment", "no")))
        .containsExactly(
            "'discount' must be at least 0, not -1.",
            "'price' must be at most 1000, not 1000.01.",
            "'comment' must have at least 3 characters, not 2.");
    assertThat(OFFER.problems(offer("price", new BigDecimal("9".repeat(9_000)))))
        .singleElement()
        .satisfies(reason -> assertThat(reason).hasSizeLessThan(100).endsWith("999…."));
  }

  @Test
  @DisplayName("They are read from a record's annotations, wherever the compiler puts these")
  void annotations() {
    assertThat(Question.form("?", Limited.class).fields())
        .containsExactly(
            new NumberField("discount", true, true, BigDecimal.ONE, BigDecimal.valueOf(30)),
            new NumberField("change", false, true, BigDecimal.valueOf(-1), null),
            new NumberField("weight", true, false, null, BigDecimal.valueOf(5)),
            new TextField("comment", true, 2, 20_000),
            new TextField("note", false, 3, TextField.LONGEST));
    assertThat(Question.form("?", Limited.class).range("weight", 2, 9).fields())
        .contains(new NumberField("weight", true, false, BigDecimal.TWO, BigDecimal.valueOf(9)));
  }

  /** A form of all whole numbers. */
  record Whole(short a, Short b, int c, Integer d, long e, Long f, BigInteger g) {}

  /** A form of which no answer could keep to the annotations. */
  record TooMuch(@Min(32_768) short s) {}

  @Test
  @DisplayName("A range must have a number that the component can hold, whatever its type is")
  void wholeNumbers() {
    Question<Whole> whole = Question.form("?", Whole.class);
    Map<String, Number> most =
        Map.of("a", Short.MAX_VALUE, "c", Integer.MAX_VALUE, "e", Long.MAX_VALUE);
    most.forEach(
        (primitive, number) -> {
          String boxed = String.valueOf((char) (primitive.charAt(0) + 1));
          BigDecimal last = BigDecimal.valueOf(number.longValue());
          BigDecimal first = last.negate().subtract(BigDecimal.ONE);
          BigDecimal far = BigDecimal.TEN.pow(30);
          BigDecimal half = new BigDecimal("0.5");
          for (String field : List.of(primitive, boxed)) {
            assertThat(whole.range(field, last, far).range(field, far.negate(), first)).isNotNull();
            assertThatThrownBy(() -> whole.range(field, last.add(half), far))
                .hasMessageContaining("'" + field + "' holds whole numbers from " + first);
            assertThatThrownBy(() -> whole.range(field, far.negate(), first.subtract(half)))
                .hasMessageContaining("to " + last + ": none is at least");
          }
          assertThat(whole.range("g", last.add(half), far)).isNotNull();
        });
    assertThatThrownBy(() -> Question.form("?", TooMuch.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from -32768 to 32767: none is at least 32768.");
  }

  @Nested
  @DisplayName("Refused when they are given")
  class Impossible {

    private static Arguments arguments(
        String name, UnaryOperator<Question<Offer>> limit, String why) {
      return Arguments.of(name, limit, why);
    }

    static Stream<Arguments> limits() {
      return Stream.of(
          arguments(
              "an unknown field",
              q -> q.range("disconut", 0, 1),
              "no field 'disconut'. It has: [discount,"),
          arguments(
              "a range of a text", q -> q.range("comment", 0, 1), "'comment' is not a number"),
          arguments("a range of a flag", q -> q.range("rush", 0, 1), "'rush' is not a number"),
          arguments("a length of a number", q -> q.maxLength("price", 1), "'price' is not a text"),
          arguments(
              "least over most",
              q -> q.range("price", 2, 1),
              "'price' cannot be at least 2 and at most 1"),
          arguments(
              "no whole number between",
              q -> q.range("discount", new BigDecimal("1.2"), new BigDecimal("1.8")),
              "'discount' cannot be a whole number, at least 1.2 and at most 1.8"),
          arguments(
              "more than an int can be",
              q -> q.range("discount", 3_000_000_000L, 4_000_000_000L),
              "'discount' holds whole numbers from -2147483648 to 2147483647: none is at least"
                  + " 3000000000 and at most 4000000000."),
          arguments(
              "less than an int can be, by hand",
              q ->
                  q.field(
                      "discount",
                      f ->
                          new NumberField(
                              f.name(), true, false, null, BigDecimal.valueOf(-3_000_000_000L))),
              "none is at most -3000000000."),
          arguments(
              "a least that cannot be stored",
              q -> q.range("price", new BigDecimal("-1E+99999"), BigDecimal.ONE),
              "'price' has a limit with too many digits"),
          arguments(
              "a negative least", q -> q.minLength("note", -1), "'note' cannot have at least -1"),
          arguments("a negative most", q -> q.maxLength("note", -1), "at most -1 characters"),
          arguments(
              "shortest over longest",
              q -> q.minLength("note", 5).maxLength("note", 4),
              "at least 5 and at most 4 characters"),
          arguments(
              "shortest over the default",
              q -> q.minLength("note", 10_001),
              "at most 10000 characters"),
          arguments(
              "impossible by hand",
              q -> q.field("note", f -> new TextField("note", true, 3, 2)),
              "at least 3 and at most 2"),
          arguments(
              "another name",
              q -> q.field("note", f -> new TextField("nota", true, 2)),
              "cannot become 'nota'"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("limits")
    void whenGiven(String name, UnaryOperator<Question<Offer>> limit, String why) {
      assertThatThrownBy(() -> limit.apply(Question.form("?", Offer.class)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(why);
    }

    /** A length of what is not a text. */
    record Sized(@Size(max = 3) int discount) {}

    /** A range of what is not a number. */
    record Ranged(@Min(3) String comment) {}

    /** No number fits. */
    record Crossed(@Min(3) @Max(2) int discount) {}

    @Test
    @DisplayName("by annotations")
    void annotated() {
      assertThatThrownBy(() -> Question.form("?", Sized.class))
          .hasMessageContaining("'discount' is not a text");
      assertThatThrownBy(() -> Question.form("?", Ranged.class))
          .hasMessageContaining("'comment' is not a number");
      assertThatThrownBy(() -> Question.form("?", Crossed.class))
          .hasMessageContaining("'discount' cannot be at least 3 and at most 2");
    }

    @Test
    @DisplayName("of a question that is no form, or without a value")
    void noForm() {
      assertThatThrownBy(() -> Question.text("?").maxLength("comment", 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no field 'comment'");
      assertThatThrownBy(() -> OFFER.range("price", null, BigDecimal.ONE))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("least");
      assertThatThrownBy(() -> OFFER.maxLength(null, 1))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("field");
    }
  }

  @Test
  @DisplayName("They are stored with the question, and checked by a process without the classes")
  void storedWithTheQuestion(TestDatabase db) {
    Workflow<String, String> flow =
        Workflow.define("limited_offer", String.class)
            .ask("offer", text -> OFFER, (text, offer) -> text + offer.discount())
            .build();
    try (Durable durable = db.start(flow);
        Durable client = Durable.on(db.dataSource()).build()) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      UUID id = handle.id();
      untilWaiting(durable, id);
      assertThat(client.questions().open(id, "offer").fields()).isEqualTo(OFFER.fields());
      // Another process does not find the record.
      db.script("update durable.pending_inputs set answer_type = 'not.Here'");
      String json = "{\"discount\": %d, \"price\": 1, \"comment\": \"%s\", \"rush\": true}";
      assertThatThrownBy(
              () -> client.questions().answerJson(id, "offer", json.formatted(31, "no"), "joe"))
          .isInstanceOfSatisfying(
              InvalidAnswerException.class,
              refused ->
                  assertThat(refused.reasons())
                      .containsExactly(
                          "'discount' must be at most 30, not 31.",
                          "'comment' must have at least 3 characters, not 2."));
      client.questions().answerJson(id, "offer", json.formatted(30, "yes"), "joe");
      assertThat(handle.result(SOON)).isEqualTo("30");
    }
  }

  @Test
  @DisplayName("A question that was stored without them has none")
  void storedWithout(TestDatabase db) {
    Workflow<String, String> flow =
        Workflow.define("offer_of_old", String.class)
            .ask("offer", text -> OFFER, (text, offer) -> text + offer.discount())
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      UUID id = handle.id();
      untilWaiting(durable, id);
      db.script(
          "update durable.pending_inputs set fields = (select jsonb_agg(f - 'shortest' - 'least'"
              + " - 'most') from jsonb_array_elements(fields) f) where workflow_id = '"
              + id
              + "'");
      assertThat(durable.questions().open(id, "offer").fields())
          .extracting(FormField::name)
          .hasSize(5);
      durable
          .questions()
          .answer(id, "offer", new Offer(99, BigDecimal.ZERO, "", null, true), "joe");
      assertThat(handle.result(SOON)).isEqualTo("99");
    }
  }
}
