package dev.durable.workflow;

import dev.durable.internal.text.Hash;

/**
 * SHA-256 over one line per node: path, kind, type, what else decides where a walk goes, and what
 * undoes it.
 */
final class Fingerprint {

  private Fingerprint() {}

  static String of(Node root) {
    StringBuilder lines = new StringBuilder();
    describe(root, "", lines);
    return Hash.of(lines.toString(), 16);
  }

  private static void describe(Node node, String path, StringBuilder lines) {
    lines.append(path).append('\t').append(node.getClass().getSimpleName());
    lines.append('\t').append(node.output());
    switch (node) {
      case Node.Decide decide -> lines.append('\t').append(decide.targets());
      case Node.ForEach forEach -> lines.append('\t').append(forEach.item());
      case Node.Sequence s -> {}
      case Node.Step s -> {
        if (s.purpose() != Node.Purpose.WORK) {
          lines.append('\t').append(s.purpose());
          lines.append('\t').append(s.subject().name()).append('\t').append(s.subject().types());
        }
      }
      case Node.Transaction t -> {}
      case Node.Branch b -> {}
      case Node.Parallel p -> {}
      case Node.Repeat r -> {}
    }
    node.settings().compensation().ifPresent(undo -> lines.append("\tundo ").append(undo.name()));
    lines.append('\n');
    for (Node child : node.children()) {
      describe(child, path + "/" + child.name(), lines);
    }
  }
}
