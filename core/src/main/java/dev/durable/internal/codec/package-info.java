/** Turns values into the JSON that is stored, and back. Start reading at {@code Payloads}. */
@NullMarked
package dev.durable.internal.codec;

import org.jspecify.annotations.NullMarked;
