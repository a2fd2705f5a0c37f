package dev.durable.internal.store;

/**
 * Other executions and waits affected when this execution ends.
 *
 * @param child whether it has a parent, which may wait for it
 * @param parent whether it may have children
 * @param waits whether it may have open waits, which its end closes
 */
public record ExecutionLinks(boolean child, boolean parent, boolean waits) {

  /** An execution on its own. */
  public static final ExecutionLinks NONE = new ExecutionLinks(false, false, false);
}
