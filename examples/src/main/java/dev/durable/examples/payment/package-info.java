/** A payment that a webhook tells of. */
@NullMarked
package dev.durable.examples.payment;

import org.jspecify.annotations.NullMarked;
