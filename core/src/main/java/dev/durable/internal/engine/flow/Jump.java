package dev.durable.internal.engine.flow;

import dev.durable.internal.codec.JsonValue;

/** Unwinds a walk from a decision up to the sequence that has its target. */
public final class Jump extends Exception {

  private static final long serialVersionUID = 1L;

  private final String target;
  private final transient JsonValue data;

  Jump(String target, JsonValue data) {
    super("to " + target, null, false, false);
    this.target = target;
    this.data = data;
  }

  /** The names from the sequence down to the target, joined by {@code /}. */
  public String target() {
    return target;
  }

  JsonValue data() {
    return data;
  }
}
