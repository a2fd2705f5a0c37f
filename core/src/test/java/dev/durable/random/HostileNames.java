package dev.durable.random;

import static java.util.stream.Collectors.joining;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
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
      String name = given.isEmpty() || random.nextInt(3) > 0 ? parts() : twin(given);
      String clean = node ? name.replaceAll(SYNTAX, "") : name;
      if (!clean.isBlank() && given.add(clean)) {
        return clean;
      }
    }
  }

  private String parts() {
    return IntStream.rangeClosed(0, random.nextInt(3)).mapToObj(i -> part()).collect(joining());
  }

  private String part() {
    return PARTS.get(random.nextInt(PARTS.size()));
  }

  /** Texts that may be taken for a name that is there already. */
  private String twin(Set<String> given) {
    List<String> sorted = given.stream().sorted().toList();
    String name = sorted.get(random.nextInt(sorted.size()));
    return switch (random.nextInt(4)) {
      case 0 -> name.replace("/", "%2F").replace("[", "%5B");
      case 1 -> name.replace("%2F", "/").replace("%25", "%");
      case 2 -> name.replace("%", "%25");
      default -> name + "/" + part();
    };
  }
}
