package dev.durable.internal.store.client;

import java.util.UUID;

/**
 * Ids that begin with the same text: PostgreSQL's order of uuids is that of their texts.
 *
 * @param first the least id
 * @param last the greatest id
 */
record IdRange(UUID first, UUID last) {

  private static final String LEAST = "00000000-0000-0000-0000-000000000000";
  private static final String GREATEST = "ffffffff-ffff-ffff-ffff-ffffffffffff";

  /** The ids that begin with a prefix of a UUID. */
  static IdRange of(String prefix) {
    return new IdRange(filledUp(prefix, LEAST), filledUp(prefix, GREATEST));
  }

  private static UUID filledUp(String prefix, String with) {
    return UUID.fromString(prefix + with.substring(prefix.length()));
  }
}
