package dev.durable.json;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.deser.jdk.NumberDeserializers;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.module.SimpleModule;

/** Numbers that are too large for their type are refused, rather than read as infinite. */
final class FiniteNumbers {

  private FiniteNumbers() {}

  static JacksonModule module() {
    return new SimpleModule("durable-finite-numbers")
        .addDeserializer(
            Double.class,
            new Finite<>(
                Double.class, new NumberDeserializers.DoubleDeserializer(Double.class, null)))
        .addDeserializer(
            Double.TYPE,
            new Finite<>(Double.TYPE, new NumberDeserializers.DoubleDeserializer(Double.TYPE, 0.0)))
        .addDeserializer(
            Float.class,
            new Finite<>(Float.class, new NumberDeserializers.FloatDeserializer(Float.class, null)))
        .addDeserializer(
            Float.TYPE,
            new Finite<>(Float.TYPE, new NumberDeserializers.FloatDeserializer(Float.TYPE, 0.0f)));
  }

  private static final class Finite<T extends Number> extends StdScalarDeserializer<T> {

    private final StdScalarDeserializer<T> any;

    Finite(Class<T> type, StdScalarDeserializer<T> any) {
      super(type);
      this.any = any;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) {
      JsonToken token = parser.currentToken();
      T value = any.deserialize(parser, context);
      // What is infinite is written as a text.
      if (token.isNumeric() && Double.isInfinite(value.doubleValue())) {
        context.reportInputMismatch(this, "out of range");
      }
      return value;
    }

    @Override
    public Object getNullValue(DeserializationContext context) {
      return any.getNullValue(context);
    }
  }
}
