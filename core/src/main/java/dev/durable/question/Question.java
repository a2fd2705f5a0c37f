package dev.durable.question;

import dev.durable.internal.text.Assignees;
import dev.durable.json.TypeRef;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A question to a person: what they read, who they are, and how they are reminded. How long it
 * stays open is said where it is asked. Immutable: every option returns a new one.
 *
 * @param <A> the answer
 */
public final class Question<A> {

  private final QuestionType type;
  private final TypeRef<A> answer;
  private final List<String> choices;
  private final List<FormField> fields;
  private final String prompt;
  private final List<String> assignees;
  private final Map<String, String> metadata;
  private final Reminders reminders;

  private Question(
      QuestionType type,
      TypeRef<A> answer,
      String prompt,
      List<String> choices,
      List<FormField> fields) {
    this(type, answer, choices, fields, prompt, List.of(), Map.of(), Reminders.NONE);
  }

  private Question(
      QuestionType type,
      TypeRef<A> answer,
      List<String> choices,
      List<FormField> fields,
      String prompt,
      List<String> assignees,
      Map<String, String> metadata,
      Reminders reminders) {
    this.type = type;
    this.answer = answer;
    this.choices = List.copyOf(choices);
    this.fields = List.copyOf(fields);
    this.prompt = Objects.requireNonNull(prompt, "prompt");
    this.assignees = assignees;
    this.metadata = Map.copyOf(metadata);
    this.reminders = reminders;
  }

  /**
   * Yes or no.
   *
   * @param prompt what the person reads
   */
  public static Question<Approval> approval(String prompt) {
    return new Question<>(
        QuestionType.APPROVAL, TypeRef.of(Approval.class), prompt, List.of(), List.of());
  }

  /**
   * One of these.
   *
   * @throws IllegalArgumentException if there are none, or two are equal
   */
  public static Question<String> choice(String prompt, List<String> choices) {
    return new Question<>(
        QuestionType.CHOICE, TypeRef.of(String.class), prompt, distinct(choices), List.of());
  }

  /** {@link #choice(String, List)} of choices that are known when this is written. */
  public static Question<String> choice(String prompt, String... choices) {
    return choice(prompt, List.of(Objects.requireNonNull(choices, "choices")));
  }

  /**
   * Some of these, perhaps none.
   *
   * @throws IllegalArgumentException if there are none, or two are equal
   */
  public static Question<List<String>> multiChoice(String prompt, List<String> choices) {
    return new Question<>(
        QuestionType.MULTI_CHOICE,
        TypeRef.listOf(TypeRef.of(String.class)),
        prompt,
        distinct(choices),
        List.of());
  }

  /** {@link #multiChoice(String, List)} of choices that are known when this is written. */
  public static Question<List<String>> multiChoice(String prompt, String... choices) {
    return multiChoice(prompt, List.of(Objects.requireNonNull(choices, "choices")));
  }

  /** A text. */
  public static Question<String> text(String prompt) {
    return new Question<>(
        QuestionType.TEXT, TypeRef.of(String.class), prompt, List.of(), List.of());
  }

  /**
   * The components of a record: texts, numbers, {@code LocalDate}s, booleans and enums. A component
   * that is {@code @Nullable} need not be filled in. {@code @Min} and {@code @Max} on a number and
   * {@code @Size} on a text are its limits, as those of Jakarta Validation, of which no other is
   * read; {@link #range}, {@link #minLength} and {@link #maxLength} give and replace limits.
   *
   * @throws IllegalArgumentException if the class is not a record, has a component of another type,
   *     or a limit that does not fit its component
   */
  public static <R extends Record> Question<R> form(String prompt, Class<R> form) {
    Objects.requireNonNull(form, "form");
    return new Question<>(
        QuestionType.FORM, TypeRef.of(form), prompt, List.of(), FormFields.of(form));
  }

  private static List<String> distinct(List<String> choices) {
    Objects.requireNonNull(choices, "choices");
    if (choices.isEmpty() || new HashSet<>(choices).size() < choices.size()) {
      throw new IllegalArgumentException(
          "choices must not be empty, and each must differ from the others: " + choices);
    }
    return choices;
  }

  /**
   * Who is asked: people and groups, such as {@code group:managers}. Each finds the question, and
   * the first answer wins. Called again, it replaces them. Default: no one in particular.
   *
   * @throws IllegalArgumentException if there are none, or one is blank, longer than 500
   *     characters, or with a NUL character or half a surrogate pair
   */
  public Question<A> assignee(String... who) {
    Objects.requireNonNull(who, "who");
    return new Question<>(
        type,
        answer,
        choices,
        fields,
        prompt,
        Assignees.of(Arrays.asList(who)),
        metadata,
        reminders);
  }

  /** Adds data beside the question, for the program that shows it. */
  public Question<A> metadata(String name, String value) {
    Map<String, String> more = new TreeMap<>(metadata);
    more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return new Question<>(type, answer, choices, fields, prompt, assignees, more, reminders);
  }

  /**
   * Reminds the assignees, again and again until the question is answered or its time is up. The
   * first time so long after the question was asked; then so long after the last reminder or
   * escalation. By the database's clock. If no worker was up for several of these times, one
   * reminder is sent, not several. Default: no reminder.
   *
   * <p>Each reminder is a row of the history below the question, such as {@code
   * manager/manager/reminder[1]}. Like escalations, reminders begin with the question: adding them
   * to a definition does not change questions that are open already; taking them away ends them.
   *
   * @param every how long in between
   * @param reminder what is called; it may be called more than once for one reminder
   * @throws IllegalArgumentException if the time is not positive
   */
  public Question<A> remindEvery(Duration every, QuestionReminder reminder) {
    return with(reminders.every(every, reminder));
  }

  /**
   * Hands the question to other assignees, who replace those before, if there is no answer in this
   * time. Called again, it says whom the question goes to next, and how long after that. The
   * timeout counts from the beginning all the same. Those before can still answer it: an assignee
   * is a name to search for, not a permission.
   *
   * <p>The announcement is called first. The new assignees are committed after it has returned,
   * together with a row of the history below the question, such as {@code
   * manager/manager/escalation[1]}.
   *
   * @param time how long the assignees before have for it
   * @param assignees people and groups
   * @param announcement what is called; it may be called more than once for one escalation
   * @throws IllegalArgumentException if the time is not positive, there are no assignees, or one is
   *     blank, longer than 500 characters, or has a NUL character or half a surrogate pair
   */
  public Question<A> escalateAfter(
      Duration time, List<String> assignees, QuestionReminder announcement) {
    Objects.requireNonNull(time, "time");
    return with(reminders.and(new Reminders.Escalation(time, assignees, announcement)));
  }

  /** The same for one person or group. */
  public Question<A> escalateAfter(Duration time, String assignee, QuestionReminder announcement) {
    Objects.requireNonNull(assignee, "assignee");
    return escalateAfter(time, List.of(assignee), announcement);
  }

  /** The same without telling anybody. */
  public Question<A> escalateAfter(Duration time, String assignee) {
    return escalateAfter(time, assignee, reminder -> {});
  }

  private Question<A> with(Reminders changed) {
    return new Question<>(type, answer, choices, fields, prompt, assignees, metadata, changed);
  }

  /**
   * Limits a number of a form: it must be one of these or between them. Replaces its limits.
   *
   * @param field the name of a component that is a number
   * @param least the least it may be
   * @param most the most it may be
   * @throws IllegalArgumentException if the form has no such field, it is not a number, {@code
   *     least} is more than {@code most}, or the component can hold no number between them
   */
  public Question<A> range(String field, long least, long most) {
    return range(field, BigDecimal.valueOf(least), BigDecimal.valueOf(most));
  }

  /** {@link #range(String, long, long)} with limits that may have fractions. */
  public Question<A> range(String field, BigDecimal least, BigDecimal most) {
    Objects.requireNonNull(field, "field");
    Objects.requireNonNull(least, "least");
    Objects.requireNonNull(most, "most");
    return field(field, number -> FieldLimits.range(number, least, most));
  }

  /**
   * The fewest characters of a text of a form; a text that need not be filled in may still be
   * missing. Default: 0.
   *
   * @param field the name of a component that is a text
   * @throws IllegalArgumentException if the form has no such field, it is not a text, or the number
   *     is negative or more than the most characters it may have
   */
  public Question<A> minLength(String field, int characters) {
    return field(
        Objects.requireNonNull(field, "field"), text -> FieldLimits.shortest(text, characters));
  }

  /**
   * The most characters of a text of a form. Default: 10,000.
   *
   * @param field the name of a component that is a text
   * @throws IllegalArgumentException if the form has no such field, it is not a text, or the number
   *     is negative or less than the fewest characters it may have
   */
  public Question<A> maxLength(String field, int characters) {
    return field(
        Objects.requireNonNull(field, "field"), text -> FieldLimits.longest(text, characters));
  }

  /**
   * Changes one field of a form: {@code f -> new FormField.TextField(f.name(), f.required(), 100)}.
   *
   * @throws IllegalArgumentException if the form has no such field, the field changes its name, or
   *     no answer could keep to its limits
   */
  public Question<A> field(String name, UnaryOperator<FormField> change) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(change, "change");
    if (fields.stream().noneMatch(field -> field.name().equals(name))) {
      throw new IllegalArgumentException(
          "The form has no field '"
              + name
              + "'. It has: "
              + fields.stream().map(FormField::name).toList());
    }
    List<FormField> changed =
        fields.stream()
            .map(field -> field.name().equals(name) ? changed(field, change) : field)
            .toList();
    return new Question<>(type, answer, choices, changed, prompt, assignees, metadata, reminders);
  }

  private FormField changed(FormField field, UnaryOperator<FormField> change) {
    FormField changed = Objects.requireNonNull(change.apply(field), "field");
    if (!changed.name().equals(field.name())) {
      throw new IllegalArgumentException(
          "Field '" + field.name() + "' cannot become '" + changed.name() + "'.");
    }
    return FormFields.fitting(answer.type(), FieldLimits.require(changed));
  }

  /**
   * Everything that is wrong with an answer to this question; empty if it fits.
   *
   * @param plain as maps, lists, texts, numbers and booleans, which is what JSON has
   */
  public List<String> problems(@Nullable Object plain) {
    return new AnswerRules(type, choices, fields).problems(plain);
  }

  /** The kind of answer. */
  public QuestionType type() {
    return type;
  }

  /** The answer's type. */
  public TypeRef<A> answer() {
    return answer;
  }

  /** The choices; empty for anything but a choice. */
  public List<String> choices() {
    return choices;
  }

  /** The fields; empty for anything but a form. */
  public List<FormField> fields() {
    return fields;
  }

  /** What the person reads. */
  public String prompt() {
    return prompt;
  }

  /** The people and groups who are asked; empty if no one was named. */
  public List<String> assignees() {
    return assignees;
  }

  /** The metadata. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The reminders and escalations while there is no answer. */
  public Reminders reminders() {
    return reminders;
  }
}
