/**
 * What people are asked: approvals, choices, texts and forms, and how their answers are checked.
 */
@NullMarked
package dev.durable.input;

import org.jspecify.annotations.NullMarked;
