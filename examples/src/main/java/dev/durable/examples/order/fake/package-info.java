/** Stand-ins for the remote services that orders need: slow, and not always there. */
@NullMarked
package dev.durable.examples.order.fake;

import org.jspecify.annotations.NullMarked;
