package dev.durable.question;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/** Questions to people, and their answers. Thread-safe. */
public interface Questions {

  /** The questions that match: {@code q -> q.assignee("group:managers")}. */
  List<OpenQuestion> list(Consumer<? super QuestionQuery> filter);

  /** The open questions of an execution. */
  default List<OpenQuestion> open(UUID execution) {
    Objects.requireNonNull(execution, "execution");
    return list(query -> query.execution(execution));
  }

  /**
   * The open question of a name.
   *
   * @param name its name, or its path if several have that name
   * @throws dev.durable.execution.ExecutionNotFoundException if there is no such execution
   * @throws QuestionClosedException if no question of that name is open, or several are
   */
  OpenQuestion open(UUID execution, String name);

  /**
   * Answers a question; the first answer wins, and the execution goes on.
   *
   * @param execution the execution that asks
   * @param name the question's name, or its path if several have that name
   * @param answer an {@link Approval}, a text, a list of texts, or a form's record
   * @param by who answers, for the record, may be empty; an approval's {@link Approval#by} is this
   *     name
   * @throws InvalidAnswerException if it does not fit the question, with all reasons; the question
   *     stays open
   * @throws dev.durable.execution.ExecutionNotFoundException if there is no such execution
   * @throws QuestionClosedException if no question of that name is open
   * @throws dev.durable.json.JsonException if the answer cannot be written as JSON
   */
  void answer(UUID execution, String name, Object answer, String by);

  /** {@link #answer(UUID, String, Object, String)} with the approval's own name. */
  default void answer(UUID execution, String name, Approval approval) {
    Objects.requireNonNull(approval, "approval");
    answer(execution, name, approval, approval.by() == null ? "" : approval.by());
  }

  /** The same with the answer as JSON. */
  void answerJson(UUID execution, String name, String json, String by);

  /**
   * Gives an open question to other assignees, who replace those before; they are found by {@link
   * #list}, and reminders go to them from then on. Those before can still answer it. Who did it,
   * when, and the assignees before and after are kept with the question ({@link
   * OpenQuestion#reassignments}). Times stay as they are: its timeout, and those of reminders and
   * escalations. An escalation that is committed later replaces the new assignees. A question that
   * is asked again, as after a retry of its step, goes to those of its definition.
   *
   * @param execution the execution that asks
   * @param name the question's name, or its path if several have that name
   * @param assignees people and groups
   * @param by who does it, for the record; may be empty
   * @throws IllegalArgumentException if there are no assignees, or one is blank, longer than 500
   *     characters, or has a NUL character or half a surrogate pair
   * @throws dev.durable.execution.ExecutionNotFoundException if there is no such execution
   * @throws QuestionClosedException if no question of that name is open, or several are
   */
  void reassign(UUID execution, String name, List<String> assignees, String by);

  /** {@link #reassign(UUID, String, List, String)} to one person or group. */
  default void reassign(UUID execution, String name, String assignee, String by) {
    reassign(execution, name, List.of(Objects.requireNonNull(assignee, "assignee")), by);
  }
}
