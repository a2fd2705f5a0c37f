package dev.durable.internal;

import dev.durable.internal.service.Threads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** The time from an instance's opening to its close; however often it is closed, it closes once. */
final class Lifetime {

  private final AtomicBoolean closed = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread closing;

  /**
   * @param closeAll closes the parts of the instance; runs on its own thread, because an interrupt
   *     of a caller must not keep bodies from ending
   */
  Lifetime(Runnable closeAll) {
    this.closing =
        Threads.lasting(
            "durable-close",
            () -> {
              try {
                closeAll.run();
              } finally {
                ended.countDown();
              }
            });
  }

  /** Keeps the JVM from exiting until the instance is closed. */
  void holdJvm(String thread) {
    Threads.keepAlive(thread, ended);
  }

  boolean isClosed() {
    return closed.get();
  }

  void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("This Durable instance is closed.");
    }
  }

  /** Begins to close; only the first call does. */
  void close(Runnable first) {
    if (closed.compareAndSet(false, true)) {
      first.run();
      closing.start();
    }
  }

  /** Waits until all is closed, through interrupts. */
  void awaitEnd() {
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
