package dev.durable.workflow;

/** An effect inside a body that has no result. */
@FunctionalInterface
public interface EffectAction {

  /**
   * Does what is to be done once.
   *
   * @throws Exception anything: the effect has failed
   */
  void run() throws Exception;
}
