package dev.durable.examples.order;

import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Describes the problem of an order in the words of the file rather than of Java. */
final class OrderProblems {

  private OrderProblems() {}

  /** The line of the wrong value, or of the whole order if a field is missing. */
  static int line(DatabindException misfit, TokenStreamLocation begin) {
    TokenStreamLocation location = misfit.getLocation();
    return isMissing(misfit) || location == null || location.getLineNr() < 1
        ? begin.getLineNr()
        : location.getLineNr();
  }

  static String message(DatabindException misfit) {
    String field = field(misfit);
    if (misfit instanceof UnrecognizedPropertyException unknown) {
      return "unknown field \""
          + field
          + "\". Remove it, or use one of: "
          + unknown.getKnownPropertyIds().stream()
              .map(String::valueOf)
              .sorted()
              .collect(Collectors.joining(", "))
          + ".";
    }
    if (isMissing(misfit) || isNull(misfit)) {
      return "the order has no \"" + field + "\". Add it.";
    }
    Class<?> type =
        misfit instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
    String subject = field.isEmpty() ? "the order" : "\"" + field + "\"";
    String found =
        misfit instanceof InvalidFormatException invalid
            ? ", not '" + invalid.getValue() + "'"
            : "";
    return subject + " must be " + kind(type) + found + ". Correct it.";
  }

  /** The part of the parser's message that people can use. */
  static String firstSentence(String message) {
    return message.lines().findFirst().orElse(message).split(": was expecting| \\(for ", 2)[0];
  }

  private static boolean isMissing(DatabindException misfit) {
    return misfit.getOriginalMessage().startsWith("Missing creator property");
  }

  private static boolean isNull(DatabindException misfit) {
    return misfit.getOriginalMessage().startsWith("Null value for creator property");
  }

  private static String field(DatabindException misfit) {
    StringBuilder path = new StringBuilder();
    for (var reference : misfit.getPath()) {
      if (reference.getPropertyName() == null) {
        path.append('[').append(reference.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(reference.getPropertyName());
      }
    }
    return path.toString();
  }

  private static String kind(@Nullable Class<?> type) {
    if (type == int.class || type == long.class) {
      return "a whole number";
    }
    if (type == String.class) {
      return "a text in quotes";
    }
    return type != null && Collection.class.isAssignableFrom(type)
        ? "a list [ … ]"
        : "an object { … }";
  }
}
