package dev.durable.cli.operate;

import dev.durable.input.InputType;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Finds an input type by its name in the database. */
final class InputTypeConverter implements ITypeConverter<InputType> {

  @Override
  public InputType convert(String name) {
    for (InputType type : InputType.values()) {
      if (type.text().equals(name)) {
        return type;
      }
    }
    throw new TypeConversionException(
        "'"
            + name
            + "' is none of "
            + Arrays.stream(InputType.values())
                .map(InputType::text)
                .collect(Collectors.joining(", "))
            + ".");
  }
}
