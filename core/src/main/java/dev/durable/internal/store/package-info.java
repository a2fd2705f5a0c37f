/** All runtime SQL, one class per table family. Never calls user code. */
@NullMarked
package dev.durable.internal.store;

import org.jspecify.annotations.NullMarked;
