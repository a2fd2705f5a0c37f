package dev.durable.internal.engine;

import dev.durable.internal.engine.flow.Shape;
import dev.durable.internal.store.client.DefinitionStore;
import dev.durable.internal.store.client.DefinitionStore.Edition;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.worker.LastDefinition;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The shapes of definitions that are not registered here, read once. */
final class Shapes {

  private final DefinitionStore store;
  private final Map<Edition, String> known = new ConcurrentHashMap<>();

  Shapes(DefinitionStore store) {
    this.store = store;
  }

  /** Reads the shapes needed to compare definitions with those that are registered here. */
  void learn(SqlRunner runner, Collection<LastDefinition> moved, Definitions definitions) {
    List<Edition> unknown = new ArrayList<>();
    for (LastDefinition one : moved) {
      Edition edition = edition(one);
      Workflow<?, ?> here = definitions.find(one.workflow(), one.version());
      if (edition != null
          && here != null
          && !here.fingerprint().equals(edition.fingerprint())
          && !known.containsKey(edition)) {
        unknown.add(edition);
      }
    }
    if (!unknown.isEmpty()) {
      known.putAll(store.shapes(runner, unknown.stream().distinct().toList()));
    }
  }

  /** The shape of the definition that moved an execution last; null if it is unknown. */
  @Nullable Shape before(LastDefinition moved) {
    Edition edition = edition(moved);
    String json = edition == null ? null : known.get(edition);
    return json == null ? null : Shape.of(json);
  }

  private static @Nullable Edition edition(LastDefinition moved) {
    String fingerprint = moved.fingerprint();
    return fingerprint == null ? null : new Edition(moved.workflow(), moved.version(), fingerprint);
  }
}
