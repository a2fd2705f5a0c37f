package dev.durable.internal.engine.flow;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.json.TypeRef;
import org.jspecify.annotations.Nullable;

/**
 * The choice of a branch, as its row stores it.
 *
 * @param path the name of the case's path; null if no case matched
 */
record BranchChoice(@Nullable String path) {

  private static final TypeRef<BranchChoice> TYPE = TypeRef.of(BranchChoice.class);

  JsonValue encode() {
    return JsonValue.of(InternalJson.write(this));
  }

  static BranchChoice decode(String output) {
    return InternalJson.read(output, TYPE);
  }
}
