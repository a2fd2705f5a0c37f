@NullMarked
package dev.durable.embedded;

import org.jspecify.annotations.NullMarked;
