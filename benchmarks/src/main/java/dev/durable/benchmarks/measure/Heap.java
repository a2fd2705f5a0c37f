package dev.durable.benchmarks.measure;

import java.lang.management.ManagementFactory;

/** This JVM's heap. */
public final class Heap {

  private Heap() {}

  /** The bytes in use after a collection. */
  public static long used() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      ManagementFactory.getMemoryMXBean().gc();
      Thread.sleep(100);
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
