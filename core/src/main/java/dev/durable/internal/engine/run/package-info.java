/**
 * The state of one run that its threads share: history, open waits, strands and attempts. Start
 * reading at {@code RunState}.
 */
@NullMarked
package dev.durable.internal.engine.run;

import org.jspecify.annotations.NullMarked;
