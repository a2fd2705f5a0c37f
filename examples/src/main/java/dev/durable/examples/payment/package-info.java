/** A payment that a webhook reports. */
@NullMarked
package dev.durable.examples.payment;

import org.jspecify.annotations.NullMarked;
