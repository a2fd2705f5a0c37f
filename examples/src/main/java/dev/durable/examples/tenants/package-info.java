/** Tenants that share a queue. */
@NullMarked
package dev.durable.examples.tenants;

import org.jspecify.annotations.NullMarked;
