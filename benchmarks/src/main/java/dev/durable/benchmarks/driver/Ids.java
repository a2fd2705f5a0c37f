package dev.durable.benchmarks.driver;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Ascending ids like the engine's (UUID version 7). */
final class Ids {

  private static final AtomicLong LAST = new AtomicLong();

  private Ids() {}

  static UUID next() {
    long now = System.currentTimeMillis() << 12;
    long stamp = LAST.updateAndGet(last -> Math.max(last + 1, now));
    long high = ((stamp >>> 12) << 16) | 0x7000L | (stamp & 0xFFF);
    long random = ThreadLocalRandom.current().nextLong();
    return new UUID(high, (random & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L);
  }
}
