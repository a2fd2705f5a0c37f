package dev.durable.internal.worker;

import dev.durable.internal.service.Threads;

/**
 * Whether virtual threads still run: step bodies may hog every carrier thread. Asked again and
 * again, by the heartbeat and by the watchdog.
 */
final class Carriers {

  private final long patience;
  private volatile long seenAt = System.nanoTime();
  private volatile boolean probing;

  /**
   * @param patience how many nanoseconds a virtual thread may wait for its turn
   */
  Carriers(long patience) {
    this.patience = patience;
  }

  long patience() {
    return patience;
  }

  /** Sends a virtual thread out and looks whether the last one came back. */
  boolean areFree() {
    if (!probing) {
      seenAt = System.nanoTime();
      probe();
    }
    return System.nanoTime() - seenAt < patience;
  }

  private void probe() {
    probing = true;
    try {
      Threads.startVirtual(() -> probing = false);
    } catch (Throwable none) {
      // Without memory for a thread, none would ever say that it has run.
      probing = false;
      throw none;
    }
  }
}
