package dev.durable.internal.engine;

import dev.durable.internal.store.InternalJson;
import dev.durable.json.TypeRef;
import org.jspecify.annotations.Nullable;

/**
 * The choice of a branch, as its row has it.
 *
 * @param path the name of the case's path; null if no case matched
 */
record Chosen(@Nullable String path) {

  private static final TypeRef<Chosen> TYPE = TypeRef.of(Chosen.class);

  Data encode() {
    return Data.of(InternalJson.write(this));
  }

  static Chosen decode(String output) {
    return InternalJson.read(output, TYPE);
  }
}
