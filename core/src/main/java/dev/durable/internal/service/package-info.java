/**
 * The engine's own threads: they survive their failures and are watched.
 *
 * <p>Begin with {@link dev.durable.internal.service.Services}, which starts them; {@link
 * dev.durable.internal.service.ServiceThread} is one of them.
 */
@NullMarked
package dev.durable.internal.service;

import org.jspecify.annotations.NullMarked;
