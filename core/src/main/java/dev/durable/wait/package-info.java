/** What an execution can wait for: events, alone or in groups, and how such a wait ends. */
@NullMarked
package dev.durable.wait;

import org.jspecify.annotations.NullMarked;
