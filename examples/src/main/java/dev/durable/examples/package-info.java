/** Small programs that show what Durable is for; {@code durable example} runs them. */
@NullMarked
package dev.durable.examples;

import org.jspecify.annotations.NullMarked;
