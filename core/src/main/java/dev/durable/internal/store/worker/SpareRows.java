package dev.durable.internal.store.worker;

/**
 * How many rows a worker's claims read beyond its room: none while no other worker claims from the
 * same lanes, and more for as long as others have locked those that were read.
 */
final class SpareRows {

  /** Rows that a claim reads beyond its room, once other workers have locked some of the first. */
  private static final int LEAST = 64;

  /** How many times farther to look, where others have locked all rows that were read. */
  private static final int FARTHER = 8;

  private static final int MOST = 1 << 24;

  private volatile int count;

  int count() {
    return count;
  }

  /** Looks farther, at once; false if that is far enough already. */
  boolean lookFarther() {
    if (count >= MOST) {
      return false;
    }
    count = Math.max(LEAST, count * FARTHER);
    return true;
  }

  /**
   * Notes what a claim has met.
   *
   * @param beyond whether others had locked so many rows that more may lie behind those it read
   */
  void note(boolean beyond) {
    count = beyond ? Math.max(LEAST, count) : count / 2;
  }
}
