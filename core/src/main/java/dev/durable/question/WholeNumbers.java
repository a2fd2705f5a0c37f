package dev.durable.question;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The whole numbers that a component of a form can hold.
 *
 * @param least the least one; null if there is none
 * @param most the greatest one; null if there is none
 */
record WholeNumbers(@Nullable BigDecimal least, @Nullable BigDecimal most) {

  private static final WholeNumbers SHORTS = of(Short.MIN_VALUE, Short.MAX_VALUE);
  private static final WholeNumbers INTS = of(Integer.MIN_VALUE, Integer.MAX_VALUE);
  private static final WholeNumbers LONGS = of(Long.MIN_VALUE, Long.MAX_VALUE);

  private static final Map<Class<?>, WholeNumbers> TYPES =
      Map.of(
          short.class, SHORTS,
          Short.class, SHORTS,
          int.class, INTS,
          Integer.class, INTS,
          long.class, LONGS,
          Long.class, LONGS,
          BigInteger.class, new WholeNumbers(null, null));

  private static WholeNumbers of(long least, long most) {
    return new WholeNumbers(BigDecimal.valueOf(least), BigDecimal.valueOf(most));
  }

  /** The numbers that a component of this type can hold; null if it is none of whole numbers. */
  static @Nullable WholeNumbers of(Class<?> component) {
    return TYPES.get(component);
  }

  /**
   * @throws IllegalArgumentException if none of these numbers keeps to the limits of a field
   */
  void require(FormField.NumberField field) {
    if (least == null || most == null) {
      return;
    }
    BigDecimal from = field.least() == null ? least : field.least().max(least);
    BigDecimal to = field.most() == null ? most : field.most().min(most);
    if (from.setScale(0, RoundingMode.CEILING).compareTo(to) > 0) {
      throw new IllegalArgumentException(
          "Field '"
              + field.name()
              + "' holds whole numbers from "
              + least
              + " to "
              + most
              + ": none is"
              + (field.least() == null ? "" : " at least " + field.least())
              + (field.least() == null || field.most() == null ? "" : " and")
              + (field.most() == null ? "" : " at most " + field.most())
              + ".");
    }
  }
}
