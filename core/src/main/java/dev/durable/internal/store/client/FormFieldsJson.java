package dev.durable.internal.store.client;

import dev.durable.input.Field;
import dev.durable.internal.codec.InternalJson;
import dev.durable.json.TypeRef;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The fields of a form, as the database has them. */
public final class FormFieldsJson {

  private static final TypeRef<List<Stored>> STORED = new TypeRef<>() {};

  private FormFieldsJson() {}

  /** One field: its kind says which of the others it has. */
  private record Stored(
      String name,
      String kind,
      boolean required,
      @Nullable Integer longest,
      @Nullable BigDecimal least,
      @Nullable BigDecimal most,
      @Nullable List<String> choices) {}

  /** The JSON of fields. */
  public static String write(List<Field> fields) {
    return InternalJson.write(fields.stream().map(FormFieldsJson::store).toList());
  }

  private static Stored store(Field field) {
    return switch (field) {
      case Field.TextField f ->
          new Stored(f.name(), "text", f.required(), f.longest(), null, null, null);
      case Field.NumberField f ->
          new Stored(
              f.name(),
              f.whole() ? "whole_number" : "number",
              f.required(),
              null,
              f.least(),
              f.most(),
              null);
      case Field.DateField f -> new Stored(f.name(), "date", f.required(), null, null, null, null);
      case Field.FlagField f -> new Stored(f.name(), "flag", f.required(), null, null, null, null);
      case Field.ChoiceField f ->
          new Stored(f.name(), "choice", f.required(), null, null, null, f.choices());
    };
  }

  /** The fields of a JSON text. */
  static List<Field> read(String json) {
    return InternalJson.read(json, STORED).stream().map(FormFieldsJson::restore).toList();
  }

  private static Field restore(Stored field) {
    return switch (field.kind) {
      case "text" ->
          new Field.TextField(field.name, field.required, Objects.requireNonNull(field.longest));
      case "number" ->
          new Field.NumberField(field.name, field.required, false, field.least, field.most);
      case "whole_number" ->
          new Field.NumberField(field.name, field.required, true, field.least, field.most);
      case "date" -> new Field.DateField(field.name, field.required);
      case "flag" -> new Field.FlagField(field.name, field.required);
      case "choice" ->
          new Field.ChoiceField(field.name, field.required, Objects.requireNonNull(field.choices));
      default -> throw new IllegalStateException("unknown kind of field: " + field.kind);
    };
  }
}
