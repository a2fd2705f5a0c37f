/**
 * Decides the waits of bodies: time, events, answers, children, reminders. Start reading at {@code
 * WaitRunner.await}.
 */
@NullMarked
package dev.durable.internal.engine.wait;

import org.jspecify.annotations.NullMarked;
