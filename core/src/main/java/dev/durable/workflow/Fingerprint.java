package dev.durable.workflow;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over one line per node: path, kind, type. */
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
    lines.append('\t').append(node.output()).append('\n');
    if (node instanceof Node.Sequence sequence) {
      for (Node child : sequence.children()) {
        describe(child, path + "/" + child.name(), lines);
      }
    }
  }
}
