/**
 * Claims, leases, takeover, and the histories that a claim reads. Start reading at {@code
 * ClaimStore}.
 */
@NullMarked
package dev.durable.internal.store.worker;

import org.jspecify.annotations.NullMarked;
