package dev.durable.acceptance;

import dev.durable.workflow.StepContext;

/** Bodies with effects, and a result that an effect cannot store. */
final class Effects {

  private Effects() {}

  /** A body that takes its effects from its context. */
  interface Body {
    String run(StepContext<String> step) throws Exception;
  }

  /** A value that no codec can write. */
  record Unwritable(String text) {
    @Override
    public String text() {
      throw new IllegalStateException("cannot be written");
    }
  }
}
