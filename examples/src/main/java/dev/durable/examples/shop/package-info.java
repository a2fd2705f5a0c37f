/** A larger order with everything, twice: as one body and as a tree of nodes. */
@NullMarked
package dev.durable.examples.shop;

import org.jspecify.annotations.NullMarked;
