/** A mail to many people. */
@NullMarked
package dev.durable.examples.mailer;

import org.jspecify.annotations.NullMarked;
