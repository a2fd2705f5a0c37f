/** A trip that is booked as a saga. */
@NullMarked
package dev.durable.examples.trip;

import org.jspecify.annotations.NullMarked;
