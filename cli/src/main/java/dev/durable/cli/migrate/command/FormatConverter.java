package dev.durable.cli.migrate.command;

import dev.durable.migration.UpgradeFormat;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Finds a format by its name on the command line. */
final class FormatConverter implements ITypeConverter<UpgradeFormat> {

  @Override
  public UpgradeFormat convert(String name) {
    try {
      return UpgradeFormat.of(name);
    } catch (IllegalArgumentException unknown) {
      throw new TypeConversionException(String.valueOf(unknown.getMessage()));
    }
  }
}
