package dev.durable.deploy;

/**
 * An act of a definition, done once in each execution.
 *
 * @param path where it stands
 * @param what its word, its kind, and its item
 * @param strand the paths of the forks that it is within: acts of one strand follow one another
 * @param owner the step whose body it is an effect of; empty if it is none
 * @param written whether a body writes it down
 */
record Act(String path, String what, String strand, String owner, boolean written) {

  /** Whether one of the two must be done before the other. */
  boolean isOrderedWith(Act other) {
    boolean sameBody = !owner.isEmpty() && owner.equals(other.owner);
    return !sameBody && (strand.startsWith(other.strand) || other.strand.startsWith(strand));
  }
}
