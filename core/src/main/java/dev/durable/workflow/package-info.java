/** What a workflow is: a typed value, built once and checked when built. */
@NullMarked
package dev.durable.workflow;

import org.jspecify.annotations.NullMarked;
