package dev.durable.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Cuts a JSON list or object into its parts, each as the very text that stands there. */
final class JsonSlices {

  private final String json;
  private int at;

  private JsonSlices(String json) {
    this.json = json;
  }

  static List<String> elements(String json) {
    JsonSlices slices = new JsonSlices(json);
    List<String> elements = new ArrayList<>();
    slices.parts('[', ']', () -> elements.add(slices.value()));
    return elements;
  }

  /**
   * @param unquote makes a name of its JSON text
   */
  static Map<String, String> fields(String json, UnaryOperator<String> unquote) {
    JsonSlices slices = new JsonSlices(json);
    Map<String, String> fields = new LinkedHashMap<>();
    slices.parts(
        '{',
        '}',
        () -> {
          String name = unquote.apply(slices.value());
          slices.expect(':');
          fields.put(name, slices.value());
        });
    return fields;
  }

  private void parts(char open, char close, Runnable part) {
    expect(open);
    if (next() == close) {
      at++;
    } else {
      do {
        part.run();
      } while (next() == ',' && at++ >= 0);
      expect(close);
    }
    skipSpace();
    if (at < json.length()) {
      throw malformed();
    }
  }

  private String value() {
    char first = next();
    int from = at;
    if (first == '"') {
      skipText();
    } else if (first == '{' || first == '[') {
      skipNested();
    } else {
      skipWord();
    }
    return json.substring(from, at);
  }

  private void skipNested() {
    int depth = 0;
    do {
      char c = next();
      if (c == '"') {
        skipText();
        continue;
      }
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      at++;
    } while (depth > 0);
  }

  private void skipText() {
    for (at++; at < json.length(); at++) {
      char c = json.charAt(at);
      if (c == '\\') {
        at++;
      } else if (c == '"') {
        at++;
        return;
      }
    }
    throw malformed();
  }

  private void skipWord() {
    int from = at;
    while (at < json.length() && ",:[]{}\" \t\r\n".indexOf(json.charAt(at)) < 0) {
      at++;
    }
    if (at == from) {
      throw malformed();
    }
  }

  private void expect(char wanted) {
    if (next() != wanted) {
      throw malformed();
    }
    at++;
  }

  private char next() {
    skipSpace();
    if (at >= json.length()) {
      throw malformed();
    }
    return json.charAt(at);
  }

  private void skipSpace() {
    while (at < json.length() && " \t\r\n".indexOf(json.charAt(at)) >= 0) {
      at++;
    }
  }

  private static JsonException malformed() {
    return new JsonException("Not a JSON list or object.", null);
  }
}
