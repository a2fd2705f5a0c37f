package dev.durable.benchmarks.measure;

/** How much is measured: the choice on the command line. */
public enum Size {
  /** Tiny numbers and one of each scenario, only to see that everything works. */
  QUICK,
  /** The numbers of the published figures. */
  NORMAL,
  /** Also scenarios that take another quarter of an hour and 40 GB of disk. */
  HUGE;

  /** The numbers behind the choice. */
  public Sizes sizes() {
    return this == QUICK ? Sizes.tiny() : Sizes.full();
  }
}
