package dev.durable.internal.store.worker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A definition that a worker can run.
 *
 * @param name the workflow's name
 * @param version its version
 * @param fingerprint its hash; empty if it is not known, as in the index of due executions
 */
record Edition(String name, int version, String fingerprint) {

  /**
   * @param definitions as {@code name@version}
   * @param editions the definitions whose hash is known, as {@code name@version#fingerprint}
   */
  static List<Edition> all(List<String> definitions, List<String> editions) {
    Map<String, String> known = new HashMap<>();
    for (String edition : editions) {
      int hash = edition.lastIndexOf('#');
      known.put(edition.substring(0, hash), edition.substring(hash + 1));
    }
    return definitions.stream().map(d -> of(d, known.getOrDefault(d, ""))).toList();
  }

  private static Edition of(String definition, String fingerprint) {
    int at = definition.lastIndexOf('@');
    return new Edition(
        definition.substring(0, at), Integer.parseInt(definition.substring(at + 1)), fingerprint);
  }
}
