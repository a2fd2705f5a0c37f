package dev.durable.testkit;

import dev.durable.internal.codec.JsonValue;

/** A decision goes on elsewhere. */
final class DryJump extends Exception {

  private static final long serialVersionUID = 1L;

  private final String target;
  private final transient JsonValue data;

  DryJump(String target, JsonValue data) {
    super("to " + target, null, false, false);
    this.target = target;
    this.data = data;
  }

  String target() {
    return target;
  }

  JsonValue data() {
    return data;
  }
}
