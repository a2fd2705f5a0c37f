package dev.durable.queue;

import java.util.UUID;

/**
 * What a worker has to do with a queue.
 *
 * @param id the worker's id
 * @param name its name
 * @param serves whether it is alive and takes executions of the queue, as far as the queue lets it;
 *     a worker that is paused, closing or dead takes none
 * @param running how many executions of the queue it owns
 */
public record QueueWorker(UUID id, String name, boolean serves, long running) {}
