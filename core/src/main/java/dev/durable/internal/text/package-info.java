/**
 * Paths of nodes, and text that PostgreSQL can store.
 *
 * <p>Begin with {@link dev.durable.internal.text.NodePath}.
 */
@NullMarked
package dev.durable.internal.text;

import org.jspecify.annotations.NullMarked;
