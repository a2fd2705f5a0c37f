package dev.durable.maven;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the URLs of the named databases, each once. */
final class DatabaseUrls {

  /** A URL may contain commas itself, between several hosts. */
  private static final String BETWEEN_URLS = "\\s*,\\s*(?=jdbc:)";

  private DatabaseUrls() {}

  static List<String> of(@Nullable String property, List<String> configured) {
    List<String> urls = new ArrayList<>();
    if (property != null && !property.isBlank()) {
      urls.addAll(List.of(property.strip().split(BETWEEN_URLS)));
    }
    configured.stream().map(String::strip).forEach(urls::add);
    return urls.stream().distinct().toList();
  }
}
