package dev.durable.question;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A field of a form. */
public sealed interface FormField {

  /** Its name, as the answer has it. */
  String name();

  /** Whether an answer must have it. */
  boolean required();

  /**
   * A text. Its characters are counted as by {@link String#length}.
   *
   * @param shortest the fewest characters it may have, if there is one at all
   * @param longest the most characters it may have
   */
  record TextField(String name, boolean required, int shortest, int longest) implements FormField {

    /** The most characters of a text that has no limit of its own: 10,000. */
    public static final int LONGEST = 10_000;

    /** A text that may be empty. */
    public TextField(String name, boolean required, int longest) {
      this(name, required, 0, longest);
    }
  }

  /**
   * A number.
   *
   * @param whole whether it has no fraction
   * @param least the least it may be, or null
   * @param most the most it may be, or null
   */
  record NumberField(
      String name,
      boolean required,
      boolean whole,
      @Nullable BigDecimal least,
      @Nullable BigDecimal most)
      implements FormField {}

  /** A date, as {@code 2026-01-31}. */
  record DateField(String name, boolean required) implements FormField {}

  /** Yes or no. */
  record FlagField(String name, boolean required) implements FormField {}

  /**
   * One of several choices.
   *
   * @param choices them
   */
  record ChoiceField(String name, boolean required, List<String> choices) implements FormField {
    /** Copies the list. */
    public ChoiceField {
      choices = List.copyOf(choices);
    }
  }
}
