/** What happened: executions, their steps, queries and the failures a caller can meet. */
@NullMarked
package dev.durable.execution;

import org.jspecify.annotations.NullMarked;
