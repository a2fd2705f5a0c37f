/** Stand-ins for the remote services that orders need: slow, and sometimes unavailable. */
@NullMarked
package dev.durable.examples.order.fake;

import org.jspecify.annotations.NullMarked;
