package dev.durable.cli.operate;

import dev.durable.cli.operate.LimitQueueCommand.Lifted;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a limit as its option has it. */
final class LiftedConverter implements ITypeConverter<Lifted> {

  @Override
  public Lifted convert(String text) {
    return Arrays.stream(Lifted.values())
        .filter(each -> each.option().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'"
                        + text
                        + "' is no limit that can be lifted; they are "
                        + Arrays.stream(Lifted.values())
                            .map(Lifted::option)
                            .collect(Collectors.joining(", "))));
  }
}
