package dev.durable.random;

import java.util.List;

/**
 * A body, as data.
 *
 * @param name of the node that it is the body of, of the child, or of the branch
 * @param fails whether it fails in the end, for good
 */
record Body(int id, String name, List<Op> ops, boolean fails) {

  /** How many waits it may have at once. */
  int width() {
    return ops.stream()
        .mapToInt(op -> op instanceof Op.Fork fork ? fork.parts().size() : 1)
        .max()
        .orElse(1);
  }
}
