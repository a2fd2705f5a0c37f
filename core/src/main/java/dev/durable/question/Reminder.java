package dev.durable.question;

import java.util.List;

/**
 * What an {@link QuestionReminder} is to send.
 *
 * @param question the open question, as the database has it; its assignees are those who have it so
 *     far
 * @param number which reminder or which escalation of this question it is; the first is 1
 * @param assignees whom to tell: those who have the question or, in an escalation, those who get it
 *     now; empty if no one was named
 * @param idempotencyKey the same if it is sent once more, and different for any other
 */
public record Reminder(
    OpenQuestion question, int number, List<String> assignees, String idempotencyKey) {

  /** Copies the list. */
  public Reminder {
    assignees = List.copyOf(assignees);
  }
}
