/**
 * Runs the bodies of nodes: attempts, timeouts, retries, and the context of a body. Start reading
 * at {@code StepRunner.run}.
 */
@NullMarked
package dev.durable.internal.engine.step;

import org.jspecify.annotations.NullMarked;
