package dev.durable.json;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A JSON text as {@code jsonb} gives it back: the fields of an object in its order, each once, and
 * numbers without exponents. Texts stay as they are spelled.
 */
public final class JsonbForm {

  private static final int MOST_WHOLE_DIGITS = 131_072;
  private static final int MOST_FRACTION_DIGITS = 16_383;
  private static final Comparator<Field> ORDER =
      Comparator.<Field>comparingInt(field -> field.name.length()).thenComparing(Field::name);

  private final String json;
  private final StringBuilder form;
  private int at;

  private JsonbForm(String json) {
    this.json = json;
    this.form = new StringBuilder(json.length());
  }

  /**
   * The form of a JSON text.
   *
   * @throws JsonException if it is not JSON, or is nested too deeply
   */
  public static String of(String json) {
    try {
      JsonbForm form = new JsonbForm(json);
      form.value();
      return form.form.toString();
    } catch (StackOverflowError deep) {
      throw new JsonException("It is nested too deeply.", deep);
    }
  }

  /**
   * A field of an object.
   *
   * @param name a character for each of its bytes
   * @param from where it stands in the form
   * @param to where it ends
   */
  private record Field(String name, int from, int to) {}

  private void value() {
    char first = next();
    if (first == '{') {
      object();
    } else if (first == '[') {
      list();
    } else if (first == '"') {
      text();
    } else {
      word();
    }
  }

  private void object() {
    List<Field> fields = new ArrayList<>();
    int from = form.length() + 1;
    take('{');
    while (next() != '}') {
      if (!fields.isEmpty()) {
        take(',');
        next();
      }
      int begin = form.length();
      int quote = at;
      text();
      String name = bytes(quote, at);
      next();
      take(':');
      value();
      fields.add(new Field(name, begin, form.length()));
    }
    arrange(fields, from);
    take('}');
  }

  /** The name that stands there in quotes, with a character for each of its bytes. */
  private String bytes(int from, int to) {
    boolean simple = true;
    for (int i = from; i < to && simple; i++) {
      simple = json.charAt(i) < 0x80 && json.charAt(i) != '\\';
    }
    if (simple) {
      return json.substring(from + 1, to - 1);
    }
    String name = String.valueOf(JsonTrees.parse(json.substring(from, to)));
    return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Puts fields that are written one after the other in their order; of equals the last stays. */
  private void arrange(List<Field> fields, int from) {
    boolean arranged = true;
    for (int i = 1; i < fields.size() && arranged; i++) {
      arranged = ORDER.compare(fields.get(i - 1), fields.get(i)) < 0;
    }
    if (arranged) {
      return;
    }
    String written = form.substring(from);
    form.setLength(from);
    List<Field> sorted = new ArrayList<>(fields);
    sorted.sort(ORDER);
    for (int i = 0; i < sorted.size(); i++) {
      Field field = sorted.get(i);
      if (i + 1 == sorted.size() || ORDER.compare(field, sorted.get(i + 1)) != 0) {
        form.append(form.length() == from ? "" : ",");
        form.append(written, field.from - from, field.to - from);
      }
    }
  }

  private void list() {
    take('[');
    boolean first = true;
    while (next() != ']') {
      if (!first) {
        take(',');
      }
      first = false;
      value();
    }
    take(']');
  }

  private void text() {
    int from = at;
    require('"');
    while (at < json.length() && json.charAt(at) != '"') {
      at += json.charAt(at) == '\\' ? 2 : 1;
    }
    require('"');
    form.append(json, from, at);
  }

  private void word() {
    int from = at;
    boolean exponent = false;
    while (at < json.length() && ",:[]{}\" \t\r\n".indexOf(json.charAt(at)) < 0) {
      exponent |= (json.charAt(at) | 0x20) == 'e';
      at++;
    }
    if (at == from) {
      throw malformed();
    }
    char first = json.charAt(from);
    boolean number = first == '-' || (first >= '0' && first <= '9');
    if (number && (exponent || json.startsWith("-0", from))) {
      form.append(plain(json.substring(from, at)));
    } else {
      form.append(json, from, at);
    }
  }

  private static String plain(String word) {
    BigDecimal number;
    try {
      number = new BigDecimal(word);
    } catch (NumberFormatException notOne) {
      throw malformed();
    }
    long whole = (long) number.precision() - number.scale();
    if (whole > MOST_WHOLE_DIGITS || number.scale() > MOST_FRACTION_DIGITS) {
      // The database refuses it, in its own words.
      return word;
    }
    return number.toPlainString();
  }

  private char next() {
    while (at < json.length() && " \t\r\n".indexOf(json.charAt(at)) >= 0) {
      at++;
    }
    if (at >= json.length()) {
      throw malformed();
    }
    return json.charAt(at);
  }

  private void take(char wanted) {
    require(wanted);
    form.append(wanted);
  }

  private void require(char wanted) {
    if (at >= json.length() || json.charAt(at) != wanted) {
      throw malformed();
    }
    at++;
  }

  private static JsonException malformed() {
    return new JsonException("It is not JSON.", null);
  }
}
