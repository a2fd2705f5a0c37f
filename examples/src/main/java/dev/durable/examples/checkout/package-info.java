/** An order that calls its payment as a child. */
@NullMarked
package dev.durable.examples.checkout;

import org.jspecify.annotations.NullMarked;
