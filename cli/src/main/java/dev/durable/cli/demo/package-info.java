/** {@code durable demo}: orders go through a durable workflow, and the process may be killed. */
@NullMarked
package dev.durable.cli.demo;

import org.jspecify.annotations.NullMarked;
