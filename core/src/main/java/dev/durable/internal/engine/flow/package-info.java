/**
 * Walks the nodes of a definition: sequences, branches, forks, repeats, compensation. Start reading
 * at {@code Walk.node}.
 */
@NullMarked
package dev.durable.internal.engine.flow;

import org.jspecify.annotations.NullMarked;
