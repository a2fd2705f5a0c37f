package dev.durable.benchmarks;

import java.lang.management.ManagementFactory;

/** This JVM's heap. */
final class Heap {

  private Heap() {}

  /** Bytes that are in use after a collection. */
  static long used() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      ManagementFactory.getMemoryMXBean().gc();
      Thread.sleep(100);
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
