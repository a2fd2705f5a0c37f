/**
 * What people are asked: approvals, choices, texts and forms, and how their answers are checked.
 */
@NullMarked
package dev.durable.question;

import org.jspecify.annotations.NullMarked;
