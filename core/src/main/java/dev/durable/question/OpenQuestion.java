package dev.durable.question;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A question to a person, as the database had it at the moment of the query. Times are the
 * database's.
 *
 * @param id its id
 * @param executionId the execution that asks
 * @param workflow the execution's workflow
 * @param name its name within the execution
 * @param path where it stands
 * @param type the kind of answer
 * @param prompt what the person reads, or null
 * @param choices the choices; empty for anything but a choice
 * @param fields the fields; empty for anything but a form
 * @param metadata something beside the question
 * @param assignees the people and groups who are asked; empty if no one was named
 * @param status where it stands
 * @param response the answer as JSON, or null
 * @param respondedBy who answered, or null
 * @param timeoutAt when it times out, or null
 * @param insertedAt when it was asked
 * @param completedAt when it was answered or closed, or null
 * @param reassignments by whom, when and from whom to whom it was given by {@link
 *     Questions#reassign}, in order; escalations are rows of the history instead
 */
public record OpenQuestion(
    UUID id,
    UUID executionId,
    String workflow,
    String name,
    String path,
    QuestionType type,
    @Nullable String prompt,
    List<String> choices,
    List<FormField> fields,
    Map<String, String> metadata,
    List<String> assignees,
    QuestionStatus status,
    @Nullable String response,
    @Nullable String respondedBy,
    @Nullable Instant timeoutAt,
    Instant insertedAt,
    @Nullable Instant completedAt,
    List<Reassignment> reassignments) {

  /** Copies the collections. */
  public OpenQuestion {
    choices = List.copyOf(choices);
    fields = List.copyOf(fields);
    metadata = Map.copyOf(metadata);
    assignees = List.copyOf(assignees);
    reassignments = List.copyOf(reassignments);
  }

  /**
   * Everything that is wrong with an answer to this question; empty if it fits.
   *
   * @param answer as maps, lists, texts, numbers and booleans, which is what JSON has
   */
  public List<String> problems(@Nullable Object answer) {
    return new AnswerRules(type, choices, fields).problems(answer);
  }
}
