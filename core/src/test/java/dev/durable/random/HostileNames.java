package dev.durable.random;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Names of few, hostile parts, so that one is often the beginning, or the escaped form, of another.
 */
final class HostileNames {

  private static final List<String> PARTS =
      List.of(
          "a", "A", "/", "%", "%2F", "%25", "[", "]", "[0]", "[*]", "~", "~undo", " ", "\u200b",
          "#", ":", ".", "_", "\\", "'", "\"", "$1", "?", "{", "}", "--", "null", "🙂", "e\u0301",
          "é", "語", "body");
  private static final String SYNTAX = "[/\\[\\]~]";

  private final Random random;

  HostileNames(Random random) {
    this.random = random;
  }

  /** A name that a body gives, different from those. */
  String call(Set<String> given) {
    return next(given, false);
  }

  /** The name of a node or a workflow: without what says something in a path. */
  String node(Set<String> given) {
    return next(given, true);
  }

  /** A name that is like no other. */
  String unlike(int id) {
    return next(new HashSet<>(), true) + " " + id;
  }

  private String next(Set<String> given, boolean node) {
    while (true) {
      String name =
          IntStream.rangeClosed(0, random.nextInt(3))
              .mapToObj(i -> PARTS.get(random.nextInt(PARTS.size())))
              .collect(Collectors.joining());
      String clean = node ? name.replaceAll(SYNTAX, "") : name;
      if (!clean.isBlank() && given.add(clean)) {
        return clean;
      }
    }
  }
}
