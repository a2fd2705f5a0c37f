package dev.durable.internal.engine.step;

/**
 * The number of a fork's parts for which there is room.
 *
 * @param begun how many may have begun and not ended; a part that waits keeps its place
 * @param walking how many may be walked at once; a part that waits is not
 */
public record ForkRoom(int begun, int walking) {

  public static final ForkRoom ALL = new ForkRoom(Integer.MAX_VALUE, Integer.MAX_VALUE);

  /** Whether parts follow one another. */
  public boolean isForOne() {
    return begun == 1;
  }
}
