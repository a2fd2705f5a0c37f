/** A page whose parts are loaded at once. */
@NullMarked
package dev.durable.examples.dashboard;

import org.jspecify.annotations.NullMarked;
