/** How values are stored. */
@NullMarked
package dev.durable.json;

import org.jspecify.annotations.NullMarked;
