@NullMarked
package dev.durable.examples;

import org.jspecify.annotations.NullMarked;
