/**
 * Wires an instance together. Not exported, and neither is any package below.
 *
 * <p>Begin with {@link dev.durable.internal.DurableInstance}, which names the parts.
 */
@NullMarked
package dev.durable.internal;

import org.jspecify.annotations.NullMarked;
