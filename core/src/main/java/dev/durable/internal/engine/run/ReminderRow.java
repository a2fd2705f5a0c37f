package dev.durable.internal.engine.run;

import dev.durable.question.QuestionReminder;
import dev.durable.question.Reminders;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A reminder or an escalation that is still to come. Its row stands below the question's.
 *
 * @param question the question's path
 * @param escalates whether it is an escalation
 * @param number its number; the first is 1
 */
public record ReminderRow(String question, boolean escalates, int number) {

  private static final Pattern NAME = Pattern.compile("(reminder|escalation)\\[(\\d{1,9})]");

  /**
   * The work that is to be done.
   *
   * @param after the time since the one before, or since the question
   * @param how the code that is called
   * @param assignees the next assignees of the question; empty if it keeps its own
   */
  public record Task(Duration after, QuestionReminder how, List<String> assignees) {}

  /** Whether a row of this path stands for a reminder or an escalation. */
  static boolean isOne(String path) {
    return NAME.matcher(path.substring(path.lastIndexOf('/') + 1)).matches();
  }

  /** Whether it stands for a reminder or an escalation of this question. */
  public static boolean isOneOf(String question, String path) {
    return path.lastIndexOf('/') == question.length() && isOne(path);
  }

  /** The one whose row has this path. */
  public static ReminderRow at(String path) {
    int slash = path.lastIndexOf('/');
    Matcher name = NAME.matcher(path.substring(slash + 1));
    if (!name.matches()) {
      throw new IllegalStateException("not a reminder: " + path);
    }
    boolean escalates = name.group(1).equals("escalation");
    return new ReminderRow(path.substring(0, slash), escalates, Integer.parseInt(name.group(2)));
  }

  public String name() {
    return (escalates ? "escalation[" : "reminder[") + number + "]";
  }

  public String path() {
    return question + "/" + name();
  }

  public ReminderRow following() {
    return new ReminderRow(question, escalates, number + 1);
  }

  /** Its work according to the code of now, or null. */
  public @Nullable Task in(Reminders plan) {
    if (!escalates) {
      return plan.every() == null || plan.reminder() == null
          ? null
          : new Task(plan.every(), plan.reminder(), List.of());
    }
    if (number > plan.escalations().size()) {
      return null;
    }
    Reminders.Escalation level = plan.escalations().get(number - 1);
    return new Task(level.after(), level.announcement(), level.assignees());
  }
}
