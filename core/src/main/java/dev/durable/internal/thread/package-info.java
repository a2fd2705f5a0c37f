/** What runs on a thread. */
@NullMarked
package dev.durable.internal.thread;

import org.jspecify.annotations.NullMarked;
