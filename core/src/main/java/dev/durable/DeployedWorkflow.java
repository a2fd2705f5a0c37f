package dev.durable;

import java.util.List;

/**
 * One definition of a workflow: what has its name, its version and its hash.
 *
 * @param name the workflow's name
 * @param version the version that its author declared
 * @param fingerprint the definition's hash; empty for executions of which it is not known
 * @param workers the names of the live workers that have it, in alphabetical order; one that closes
 *     is no longer among them
 * @param open how many executions that this definition has moved last have not ended; parked ones
 *     are among them
 */
public record DeployedWorkflow(
    String name, int version, String fingerprint, List<String> workers, long open) {

  /** Copies the list. */
  public DeployedWorkflow {
    workers = List.copyOf(workers);
  }
}
