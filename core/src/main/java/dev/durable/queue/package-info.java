/** Where executions run. */
@NullMarked
package dev.durable.queue;

import org.jspecify.annotations.NullMarked;
