package dev.durable.workflow;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over one line per node: path, kind, type, and what else decides where a walk goes. */
final class Fingerprint {

  private Fingerprint() {}

  static String of(Node root) {
    StringBuilder lines = new StringBuilder();
    describe(root, "", lines);
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(lines.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException everyJvmHasIt) {
      throw new IllegalStateException(everyJvmHasIt);
    }
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
    lines.append('\n');
    for (Node child : node.children()) {
      describe(child, path + "/" + child.name(), lines);
    }
  }
}
