/**
 * One worker: its lease and heartbeat, its claims and slots, and the takeover of dead workers.
 *
 * <p>Begin with {@link dev.durable.internal.worker.LeasedWorker}; {@link
 * dev.durable.internal.worker.Lease} says where lease and token are checked.
 */
@NullMarked
package dev.durable.internal.worker;

import org.jspecify.annotations.NullMarked;
