package dev.durable.question;

import dev.durable.internal.text.Assignees;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a question while it has no answer. Made by {@link Question#remindEvery} and
 * {@link Question#escalateAfter}.
 *
 * @param every how long after the question, an escalation or the last reminder; null if no one is
 *     reminded
 * @param reminder the code that reminds, or null
 * @param escalations whom the question goes to, one after the other
 */
public record Reminders(
    @Nullable Duration every, @Nullable QuestionReminder reminder, List<Escalation> escalations) {

  /** Nothing. */
  public static final Reminders NONE = new Reminders(null, null, List.of());

  /** Copies the list. */
  public Reminders {
    escalations = List.copyOf(escalations);
  }

  /**
   * Whom a question goes to.
   *
   * @param after how long after the assignees before got it
   * @param assignees people and groups
   * @param announcement how they are told
   */
  public record Escalation(Duration after, List<String> assignees, QuestionReminder announcement) {

    /** Checks the time and the assignees. */
    public Escalation {
      requirePositive(after, "after");
      assignees = Assignees.of(assignees);
      Objects.requireNonNull(announcement, "announcement");
    }
  }

  Reminders every(Duration time, QuestionReminder how) {
    return new Reminders(
        requirePositive(time, "every"), Objects.requireNonNull(how, "reminder"), escalations);
  }

  Reminders and(Escalation next) {
    List<Escalation> more = new ArrayList<>(escalations);
    more.add(next);
    return new Reminders(every, reminder, more);
  }

  private static Duration requirePositive(Duration time, String name) {
    Objects.requireNonNull(time, name);
    if (!time.isPositive()) {
      throw new IllegalArgumentException(name + " must be positive: " + time);
    }
    return time;
  }
}
