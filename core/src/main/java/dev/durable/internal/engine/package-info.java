/**
 * Walks the definitions of executions and runs their steps. Never sees a connection.
 *
 * <p>Start reading at {@code Engine.run}: a claimed execution becomes a {@code Run}, whose virtual
 * thread calls {@code Walk} to go through the definition's nodes. The walk follows one {@code
 * Strand}; a {@code Fork} walks each part of a parallel or a forEach on a strand of its own. {@code
 * StepRunner} runs the body of a node: {@code AttemptLoop} makes the attempts, {@code BodyContext}
 * is the context of the body, and {@code WaitRunner} decides its waits. Rows are held by the strand
 * until the next body begins, and committed through {@code RunJournal.offer}. {@code RunEnd}
 * commits the transition with which the execution leaves this worker.
 *
 * <p>Dependencies point one way: engine, flow (walks, forks, compensation), step (bodies and
 * attempts), wait (waits of bodies), run (the state of one run). A run knows the engine only as
 * {@code RunServices}.
 */
@NullMarked
package dev.durable.internal.engine;

import org.jspecify.annotations.NullMarked;
