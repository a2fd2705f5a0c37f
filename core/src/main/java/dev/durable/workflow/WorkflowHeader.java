package dev.durable.workflow;

import dev.durable.json.TypeRef;

/**
 * What all builders of one workflow share.
 *
 * @param nested whether the builder is of a path inside another one
 */
record WorkflowHeader<I>(String name, TypeRef<I> input, WorkflowSettings settings, boolean nested) {

  WorkflowHeader<I> nest() {
    return new WorkflowHeader<>(name, input, settings, true);
  }
}
