/** Wires the engine together. Not exported. */
@NullMarked
package dev.durable.internal;

import org.jspecify.annotations.NullMarked;
