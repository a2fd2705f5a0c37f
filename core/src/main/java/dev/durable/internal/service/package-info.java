/**
 * The threads that the engine keeps for itself: they survive what they run into, and are watched.
 */
@NullMarked
package dev.durable.internal.service;

import org.jspecify.annotations.NullMarked;
