package dev.durable.internal.store.client;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.text.StorableText;
import dev.durable.json.TypeRef;
import dev.durable.question.Reassignment;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The reassignments of a question, as the database has them. */
final class ReassignmentsJson {

  private static final TypeRef<List<Stored>> STORED = new TypeRef<>() {};

  private ReassignmentsJson() {}

  /**
   * One reassignment.
   *
   * @param at in microseconds since 1970
   */
  private record Stored(long at, String by, List<String> from, List<String> to) {}

  /** The JSON of one that is about to happen: the database adds when, and from whom. */
  static String write(List<String> to, String by) {
    return InternalJson.write(Map.of("by", StorableText.storable(by), "to", to));
  }

  /** Those of a JSON text; none for null. */
  static List<Reassignment> read(@Nullable String json) {
    return json == null
        ? List.of()
        : InternalJson.read(json, STORED).stream().map(ReassignmentsJson::restore).toList();
  }

  private static Reassignment restore(Stored one) {
    Instant at = Instant.EPOCH.plus(one.at, ChronoUnit.MICROS);
    return new Reassignment(at, one.by, one.from, one.to);
  }
}
