/** Walks one execution's tree and runs its steps. Never sees a connection. */
@NullMarked
package dev.durable.internal.engine;

import org.jspecify.annotations.NullMarked;
