package dev.durable.internal.text;

import java.util.List;
import java.util.Objects;

/** The people and groups that a question goes to. */
public final class Assignees {

  private Assignees() {}

  /**
   * Each once, in their order.
   *
   * @throws IllegalArgumentException if there are none, or if one is blank, longer than 500
   *     characters, or cannot be stored
   */
  public static List<String> of(List<String> who) {
    Objects.requireNonNull(who, "assignees");
    if (who.isEmpty()) {
      throw new IllegalArgumentException("A question needs at least one assignee here.");
    }
    return who.stream()
        .map(each -> IndexedText.require(Objects.requireNonNull(each, "assignee"), "An assignee"))
        .distinct()
        .toList();
  }
}
