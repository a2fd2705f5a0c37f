package dev.durable.internal.store.journal;

/**
 * Other executions and waits affected when this execution ends.
 *
 * @param hasParent whether it has a parent, which may wait for it
 * @param hasChildren whether it may have children
 * @param hasWaits whether it may have open waits, which its end closes
 */
public record ExecutionLinks(boolean hasParent, boolean hasChildren, boolean hasWaits) {

  /** An execution on its own. */
  public static final ExecutionLinks NONE = new ExecutionLinks(false, false, false);
}
