/**
 * {@code durable demo}: processes orders with a durable workflow while the process may be killed.
 *
 * <p>Begin with {@link dev.durable.cli.demo.Demo}.
 */
@NullMarked
package dev.durable.cli.demo;

import org.jspecify.annotations.NullMarked;
