package dev.durable.cli.demo;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Closes its resources in reverse order, at the latest when the JVM ends, so that an interrupted
 * demo leaves nothing behind.
 */
final class Resources implements AutoCloseable {

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private volatile boolean interrupted;

  Resources() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "demo-close"));
  }

  /** Whether the JVM is about to end. */
  boolean isInterrupted() {
    return interrupted;
  }

  private void interrupt() {
    interrupted = true;
    close();
  }

  synchronized <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  @Override
  public synchronized void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception failure) {
        System.err.println("durable: " + failure);
      }
    }
  }
}
