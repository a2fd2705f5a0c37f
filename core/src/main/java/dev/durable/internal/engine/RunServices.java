package dev.durable.internal.engine;

import dev.durable.internal.journal.Journal;
import dev.durable.internal.journal.TransactionRunner;
import dev.durable.internal.store.CompensationStore;
import java.util.function.BooleanSupplier;

/**
 * The services of its worker that a run uses. They are all that a run knows of the engine.
 *
 * @param journal commits entries
 * @param transactions runs the bodies of transactional steps
 * @param compensations stores the plan of a compensation
 * @param children prepares executions that bodies start
 * @param payloads the codec, with its limits
 * @param results encodes the results of bodies
 * @param queries asks the database about waits and deadlines
 * @param timers runs work later
 * @param draining whether this worker begins no more bodies
 */
record RunServices(
    Journal journal,
    TransactionRunner transactions,
    CompensationStore compensations,
    Children children,
    Payloads payloads,
    StepValues results,
    RunQueries queries,
    RunTimers timers,
    BooleanSupplier draining) {}
