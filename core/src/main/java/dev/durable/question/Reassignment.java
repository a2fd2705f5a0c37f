package dev.durable.question;

import java.time.Instant;
import java.util.List;

/**
 * An open question was given to other assignees by {@link Questions#reassign}.
 *
 * @param at when, by the database's clock
 * @param by who did it; may be empty
 * @param from the assignees before; empty if no one was named
 * @param to the assignees from then on
 */
public record Reassignment(Instant at, String by, List<String> from, List<String> to) {

  /** Copies the lists. */
  public Reassignment {
    from = List.copyOf(from);
    to = List.copyOf(to);
  }
}
