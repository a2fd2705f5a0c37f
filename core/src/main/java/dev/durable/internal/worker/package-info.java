/** Heartbeat, lease, takeover, claiming and slots of one process. */
@NullMarked
package dev.durable.internal.worker;

import org.jspecify.annotations.NullMarked;
