package dev.durable.random;

import java.util.List;

/**
 * A body, as data.
 *
 * @param name of the node that it is the body of, or of the child
 * @param fails whether it fails in the end, for good
 */
record Body(int id, String name, List<Op> ops, boolean fails) {}
