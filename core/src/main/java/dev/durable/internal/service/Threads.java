package dev.durable.internal.service;

import java.util.concurrent.CountDownLatch;

/**
 * Makes all threads of the engine. A new thread inherits neither thread-locals nor the class loader
 * of the thread that makes it. Its class loader is the engine's own, which in a container sees the
 * application that brought it.
 */
public final class Threads {

  private Threads() {}

  /** A virtual thread that has not been started. */
  public static Thread virtual(String name, Runnable work) {
    return withOwnLoader(
        Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).unstarted(work));
  }

  /** Starts a virtual thread. */
  public static Thread startVirtual(Runnable work) {
    Thread thread = virtual("", work);
    thread.start();
    return thread;
  }

  /** A platform thread that has not been started, and does not keep the JVM alive. */
  public static Thread daemon(String name, Runnable work) {
    return platform(name, true, work);
  }

  /** A platform thread that has not been started, and keeps the JVM alive until it ends. */
  public static Thread lasting(String name, Runnable work) {
    return platform(name, false, work);
  }

  /**
   * Keeps the JVM alive until the latch is open: a process whose only work is this has no other
   * reason to stay.
   *
   * @throws OutOfMemoryError if the system has no more threads
   */
  public static void keepAlive(String name, CountDownLatch until) {
    lasting(name, () -> awaitUninterrupted(until)).start();
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException notOurs) {
        // Only the latch ends it.
      }
    }
  }

  private static Thread platform(String name, boolean daemon, Runnable work) {
    return withOwnLoader(
        Thread.ofPlatform()
            .name(name)
            .daemon(daemon)
            .inheritInheritableThreadLocals(false)
            .unstarted(work));
  }

  private static Thread withOwnLoader(Thread thread) {
    thread.setContextClassLoader(Threads.class.getClassLoader());
    return thread;
  }
}
