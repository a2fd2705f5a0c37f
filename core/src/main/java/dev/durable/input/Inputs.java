package dev.durable.input;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/** Questions to people, and their answers. Thread-safe. */
public interface Inputs {

  /** The questions that match: {@code q -> q.assignee("group:managers")}. */
  List<PendingInput> list(Consumer<? super InputQuery> filter);

  /** The open questions of an execution. */
  default List<PendingInput> pending(UUID execution) {
    Objects.requireNonNull(execution, "execution");
    return list(query -> query.execution(execution));
  }

  /**
   * The open question of a name.
   *
   * @param name its name, or its path if several have that name
   * @throws dev.durable.execution.ExecutionNotFoundException if there is no such execution
   * @throws InputClosedException if no question of that name is open, or several are
   */
  PendingInput pending(UUID execution, String name);

  /**
   * Answers a question; the first answer wins, and the execution goes on.
   *
   * @param execution the execution that asks
   * @param name the question's name, or its path if several have that name
   * @param answer an {@link Approval}, a text, a list of texts, or a form's record
   * @param by who answers, for the record; an approval's {@link Approval#by} is this name
   * @throws InvalidInputException if it does not fit the question, with all reasons; the question
   *     stays open
   * @throws dev.durable.execution.ExecutionNotFoundException if there is no such execution
   * @throws InputClosedException if no question of that name is open
   * @throws dev.durable.json.JsonException if the answer cannot be written as JSON
   */
  void provide(UUID execution, String name, Object answer, String by);

  /** {@link #provide(UUID, String, Object, String)} with the approval's own name. */
  default void provide(UUID execution, String name, Approval approval) {
    Objects.requireNonNull(approval, "approval");
    provide(execution, name, approval, approval.by() == null ? "" : approval.by());
  }

  /** The same with the answer as JSON. */
  void provideJson(UUID execution, String name, String json, String by);
}
