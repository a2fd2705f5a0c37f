package dev.durable.internal.worker;

import dev.durable.internal.service.Threads;

/**
 * Checks that virtual threads still run: step bodies may hog every carrier thread. The heartbeat
 * and the watchdog ask regularly.
 */
final class Carriers {

  private final long patience;
  private volatile long seenAt = System.nanoTime();
  private volatile boolean probing;

  /**
   * @param patience the nanoseconds a virtual thread may wait for its turn
   */
  Carriers(long patience) {
    this.patience = patience;
  }

  long patience() {
    return patience;
  }

  /** Sends out a virtual thread, and checks that the last one came back in time. */
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
      // Without memory for a thread, no probe would ever come back.
      probing = false;
      throw none;
    }
  }
}
