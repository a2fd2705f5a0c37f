package dev.durable.cli.operate;

import dev.durable.queue.Rate;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads rates such as {@code 100/1m}. */
final class RateConverter implements ITypeConverter<Rate> {

  @Override
  public Rate convert(String text) {
    int slash = text.indexOf('/');
    try {
      return new Rate(
          Integer.parseInt(text.substring(0, Math.max(slash, 0)).strip()),
          Durations.read(text.substring(slash + 1)));
    } catch (NumberFormatException wrong) {
      throw new TypeConversionException(
          "'" + text + "' is no rate; one is 100/1m: 100 executions a minute");
    } catch (IllegalArgumentException wrong) {
      throw new TypeConversionException(String.valueOf(wrong.getMessage()));
    }
  }
}
