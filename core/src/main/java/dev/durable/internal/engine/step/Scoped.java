package dev.durable.internal.engine.step;

/** A context whose calls belong to a scope. */
interface Scoped {

  BodyScope scope();
}
