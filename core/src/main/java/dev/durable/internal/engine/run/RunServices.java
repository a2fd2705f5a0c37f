package dev.durable.internal.engine.run;

import dev.durable.internal.codec.Payloads;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.store.worker.CompensationStore;
import dev.durable.internal.transaction.TransactionRunner;
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
public record RunServices(
    Journal journal,
    TransactionRunner transactions,
    CompensationStore compensations,
    Children children,
    Payloads payloads,
    StepValues results,
    RunQueries queries,
    RunTimers timers,
    BooleanSupplier draining) {}
