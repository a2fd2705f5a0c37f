/** Heartbeat, lease, takeover, claiming and slots of one process. */
@NullMarked
package dev.durable.internal.node;

import org.jspecify.annotations.NullMarked;
