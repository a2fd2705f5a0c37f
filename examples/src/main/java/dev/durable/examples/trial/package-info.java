/** A trial of three weeks, with reminders. */
@NullMarked
package dev.durable.examples.trial;

import org.jspecify.annotations.NullMarked;
