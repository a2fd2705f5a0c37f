/** Definitions as pictures: nodes and edges, with what an execution has done laid over them. */
@NullMarked
package dev.durable.graph;

import org.jspecify.annotations.NullMarked;
