/**
 * Wires an instance together. Not exported, and neither is any package below.
 *
 * <p>Begin with {@link dev.durable.internal.DurableInstance}, which names the parts. Three
 * questions have one place each where the answer begins:
 *
 * <ul>
 *   <li>Where is a lease or a token checked? {@code Lease}, in the package of the worker.
 *   <li>Where is a retry decided? {@link dev.durable.retry.RetryPolicy} decides; {@code
 *       AttemptFailures}, in the engine, asks it after each failed attempt.
 *   <li>Where does an event wake an execution? {@code EventSender} names the paths: at rest,
 *       running here, running on another worker.
 * </ul>
 */
@NullMarked
package dev.durable.internal;

import org.jspecify.annotations.NullMarked;
