/** An expense that a manager approves. */
@NullMarked
package dev.durable.examples.expense;

import org.jspecify.annotations.NullMarked;
