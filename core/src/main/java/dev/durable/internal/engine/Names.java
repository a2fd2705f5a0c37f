package dev.durable.internal.engine;

import dev.durable.workflow.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finding nodes by the names in a path. */
final class Names {

  private Names() {}

  /** The place of the node of that name, or -1. */
  static int indexOf(List<Node> nodes, String name) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** The first name of a path. */
  static String first(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? path : path.substring(0, slash);
  }

  /** Whether a path is that one, or stands below it. */
  static boolean isWithin(String path, String inner) {
    return inner.startsWith(path)
        && (inner.length() == path.length()
            || inner.charAt(path.length()) == '/'
            || inner.charAt(path.length()) == '[');
  }

  /** What follows the first name, or null. */
  static @Nullable String rest(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? null : path.substring(slash + 1);
  }
}
