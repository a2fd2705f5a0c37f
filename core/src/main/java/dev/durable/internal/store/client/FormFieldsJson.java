package dev.durable.internal.store.client;

import dev.durable.internal.codec.InternalJson;
import dev.durable.json.TypeRef;
import dev.durable.question.FormField;
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
      @Nullable Integer shortest,
      @Nullable Integer longest,
      @Nullable BigDecimal least,
      @Nullable BigDecimal most,
      @Nullable List<String> choices) {}

  /** The JSON of fields. */
  public static String write(List<FormField> fields) {
    return InternalJson.write(fields.stream().map(FormFieldsJson::store).toList());
  }

  private static Stored store(FormField field) {
    return switch (field) {
      case FormField.TextField f ->
          new Stored(f.name(), "text", f.required(), f.shortest(), f.longest(), null, null, null);
      case FormField.NumberField f ->
          new Stored(
              f.name(),
              f.whole() ? "whole_number" : "number",
              f.required(),
              null,
              null,
              f.least(),
              f.most(),
              null);
      case FormField.DateField f ->
          new Stored(f.name(), "date", f.required(), null, null, null, null, null);
      case FormField.FlagField f ->
          new Stored(f.name(), "flag", f.required(), null, null, null, null, null);
      case FormField.ChoiceField f ->
          new Stored(f.name(), "choice", f.required(), null, null, null, null, f.choices());
    };
  }

  /** The fields of a JSON text. */
  static List<FormField> read(String json) {
    return InternalJson.read(json, STORED).stream().map(FormFieldsJson::restore).toList();
  }

  private static FormField restore(Stored field) {
    return switch (field.kind) {
      case "text" ->
          new FormField.TextField(
              field.name,
              field.required,
              field.shortest == null ? 0 : field.shortest,
              Objects.requireNonNull(field.longest));
      case "number" ->
          new FormField.NumberField(field.name, field.required, false, field.least, field.most);
      case "whole_number" ->
          new FormField.NumberField(field.name, field.required, true, field.least, field.most);
      case "date" -> new FormField.DateField(field.name, field.required);
      case "flag" -> new FormField.FlagField(field.name, field.required);
      case "choice" ->
          new FormField.ChoiceField(
              field.name, field.required, Objects.requireNonNull(field.choices));
      default -> throw new IllegalStateException("unknown kind of field: " + field.kind);
    };
  }
}
