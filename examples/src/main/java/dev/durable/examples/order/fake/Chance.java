package dev.durable.examples.order.fake;

/** Numbers that look random, but are the same for the same text. */
final class Chance {

  private Chance() {}

  /** From 0 (inclusive) to the bound (exclusive). */
  static int of(String text, int bound) {
    int mixed = text.hashCode() * 0x9E3779B9;
    return Math.floorMod(mixed ^ (mixed >>> 15), bound);
  }
}
