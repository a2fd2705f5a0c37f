package dev.durable.cli.demo;

import java.util.UUID;

/**
 * A step of one execution.
 *
 * @param execution the execution
 * @param step the step's path
 */
record StepKey(UUID execution, String step) {}
