/** The engine and the client in one object: {@link dev.durable.Durable}. */
@NullMarked
package dev.durable;

import org.jspecify.annotations.NullMarked;
