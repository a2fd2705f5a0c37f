/** An order, from the cart to the confirmation mail: what using Durable looks like. */
@NullMarked
package dev.durable.examples.order;

import org.jspecify.annotations.NullMarked;
