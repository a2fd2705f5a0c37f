package dev.durable.internal.store.jdbc;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The one source of ids: UUID version 7 (RFC 9562, section 5.7), with the 12 bits behind the
 * milliseconds used as a counter (method 1 of section 6.2), so that ids of one process ascend.
 */
public final class TimeOrderedIds {

  private static final long GOLDEN_GAMMA = 0x9E37_79B9_7F4A_7C15L;
  private static final AtomicLong SEED = new AtomicLong(new SecureRandom().nextLong());
  private static final AtomicLong LAST = new AtomicLong();

  private TimeOrderedIds() {}

  /** The next id. */
  public static UUID next() {
    return at(System.currentTimeMillis());
  }

  /** The next id at a time of the clock, which may jump: ids still ascend. */
  public static UUID at(long millis) {
    long now = millis << 12;
    long stamp = LAST.updateAndGet(last -> Math.max(last + 1, now));
    long high = ((stamp >>> 12) << 16) | 0x7000L | (stamp & 0xFFF);
    long low = (random() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }

  /**
   * SplitMix64 (Steele, Lea, Flood 2014) from a secret seed: ids need to differ, not to be secret.
   */
  private static long random() {
    long z = SEED.addAndGet(GOLDEN_GAMMA);
    z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
    return z ^ (z >>> 31);
  }
}
