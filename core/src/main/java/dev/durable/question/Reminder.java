package dev.durable.question;

import org.jspecify.annotations.Nullable;

/**
 * What an {@link QuestionReminder} is to send.
 *
 * @param question the open question, as the database has it; its assignee is who has it so far
 * @param number which reminder or which escalation of this question it is; the first is 1
 * @param assignee whom to tell: who has the question or, in an escalation, who gets it now; null if
 *     no one was named
 * @param idempotencyKey the same if it is sent once more, and different for any other
 */
public record Reminder(
    OpenQuestion question, int number, @Nullable String assignee, String idempotencyKey) {}
