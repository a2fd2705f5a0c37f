@NullMarked
package dev.durable.cli;

import org.jspecify.annotations.NullMarked;
