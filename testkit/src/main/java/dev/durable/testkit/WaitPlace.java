package dev.durable.testkit;

import dev.durable.internal.text.NodePath;

/**
 * Where a wait is.
 *
 * @param path the wait's own path
 * @param step the path of its step
 * @param only whether the step does nothing else, so that it stands for the wait
 */
record WaitPlace(String path, String step, boolean only) {

  /** Whether a script's path means this one, with or without indices. */
  boolean is(String wanted) {
    return same(path, wanted) || (only && same(step, wanted));
  }

  private static boolean same(String path, String wanted) {
    return path.equals(wanted) || NodePath.inDefinition(path).equals(wanted);
  }
}
