package dev.durable.internal.service;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The time from the opening of an instance, or of its worker, to its close; however often it is
 * closed, it closes once.
 */
public final class Lifetime {

  private final AtomicBoolean closed = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread closing;
  private final String what;

  /**
   * @param what it is, for messages: {@code Durable instance}
   * @param closeAll closes its parts; runs on its own thread, because an interrupt of a caller must
   *     not keep bodies from ending
   */
  public Lifetime(String what, Runnable closeAll) {
    this.what = what;
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

  /** Keeps the JVM from exiting until it is closed. */
  public void holdJvm(String thread) {
    Threads.keepAlive(thread, ended);
  }

  public boolean isClosed() {
    return closed.get();
  }

  public void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("This " + what + " is closed.");
    }
  }

  /** Begins to close; only the first call does. */
  public void close(Runnable first) {
    if (closed.compareAndSet(false, true)) {
      first.run();
      closing.start();
    }
  }

  /** Waits until all is closed, through interrupts. */
  public void awaitEnd() {
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
