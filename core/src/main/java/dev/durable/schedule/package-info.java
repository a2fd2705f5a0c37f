/** When a workflow starts by itself: cron expressions, clocks that change, and policies. */
@NullMarked
package dev.durable.schedule;

import org.jspecify.annotations.NullMarked;
