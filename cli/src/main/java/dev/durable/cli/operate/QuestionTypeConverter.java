package dev.durable.cli.operate;

import dev.durable.question.QuestionType;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Finds an input type by its name in the database. */
final class QuestionTypeConverter implements ITypeConverter<QuestionType> {

  @Override
  public QuestionType convert(String name) {
    for (QuestionType type : QuestionType.values()) {
      if (type.text().equals(name)) {
        return type;
      }
    }
    throw new TypeConversionException(
        "'"
            + name
            + "' is none of "
            + Arrays.stream(QuestionType.values())
                .map(QuestionType::text)
                .collect(Collectors.joining(", "))
            + ".");
  }
}
