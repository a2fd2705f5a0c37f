package dev.durable.internal.client;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.internal.codec.AnswerFields;
import dev.durable.internal.codec.Answers;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.QuestionStore;
import dev.durable.internal.store.client.QuestionStore.Asked;
import dev.durable.internal.text.Assignees;
import dev.durable.question.OpenQuestion;
import dev.durable.question.QuestionClosedException;
import dev.durable.question.QuestionQuery;
import dev.durable.question.QuestionStatus;
import dev.durable.question.Questions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lists open questions and accepts their answers.
 *
 * @param executions to tell a question that is closed from an execution that does not exist
 * @param answered receives the execution whose question was answered
 */
public record StoredQuestions(
    QuestionStore store, ExecutionStore executions, Payloads payloads, Consumer<UUID> answered)
    implements Questions {

  private static final int MOST_NAMED = 20;

  @Override
  public List<OpenQuestion> list(Consumer<? super QuestionQuery> filter) {
    return store.list(QuestionQuery.of(filter));
  }

  @Override
  public void answer(UUID execution, String name, Object answer, String by) {
    Objects.requireNonNull(answer, "answer");
    accept(execution, name, by, answers -> answers.plain(name, answer));
  }

  @Override
  public void answerJson(UUID execution, String name, String json, String by) {
    Objects.requireNonNull(json, "json");
    accept(execution, name, by, answers -> answers.parse(name, json));
  }

  private void accept(
      UUID execution, String name, String by, Function<Answers, @Nullable Object> plain) {
    Objects.requireNonNull(by, "by");
    Asked asked = openNamed(execution, name);
    OpenQuestion question = asked.question();
    Answers answers = new Answers(payloads);
    Class<?> form = new AnswerFields(question.fields()).form(asked.form());
    String json = answers.accept(question, form, plain.apply(answers), by);
    requireOpen(store.answer(question, json, by), execution, name);
    answered.accept(execution);
  }

  @Override
  public void reassign(UUID execution, String name, List<String> assignees, String by) {
    Objects.requireNonNull(by, "by");
    List<String> checked = Assignees.of(Objects.requireNonNull(assignees, "assignees"));
    OpenQuestion question = open(execution, name);
    requireOpen(store.reassign(question, checked, by), execution, name);
  }

  private void requireOpen(boolean open, UUID execution, String name) {
    if (!open) {
      QuestionClosedException closed = closed(execution, name);
      throw closed == null ? closed(execution, name, ".") : closed;
    }
  }

  @Override
  public OpenQuestion open(UUID execution, String name) {
    return openNamed(execution, name).question();
  }

  private Asked openNamed(UUID execution, String name) {
    Objects.requireNonNull(execution, "execution");
    Objects.requireNonNull(name, "name");
    List<Asked> open = named(execution, name, QuestionStatus.PENDING);
    return only(execution, name, open.isEmpty() ? opened(execution, name) : open);
  }

  private static Asked only(UUID execution, String name, List<Asked> open) {
    if (open.size() > 1) {
      throw new QuestionClosedException(
          "Several questions of execution "
              + execution
              + " are called '"
              + name
              + "'. Name one by its path: "
              + open.stream().map(each -> each.question().path()).toList());
    }
    return open.getFirst();
  }

  /** The questions with this path, or else with this name, which several may share. */
  private List<Asked> named(UUID execution, String name, QuestionStatus status) {
    return matching(
        name,
        store.asked(
            QuestionQuery.of(
                with -> with.execution(execution).name(name).status(status).limit(MOST_NAMED))));
  }

  private static List<Asked> matching(String name, List<Asked> asked) {
    List<Asked> byPath =
        asked.stream().filter(each -> each.question().path().equals(name)).toList();
    return byPath.isEmpty()
        ? asked.stream().filter(each -> each.question().name().equals(name)).toList()
        : byPath;
  }

  /**
   * The questions that have opened since the look for open ones. The list that a message shows is
   * the one that decides: otherwise it could name the question that it says is not asked.
   *
   * @throws QuestionClosedException if there are none
   */
  private List<Asked> opened(UUID execution, String name) {
    QuestionClosedException closed = closed(execution, name);
    if (closed != null) {
      throw closed;
    }
    List<Asked> asked = store.asked(QuestionQuery.of(with -> with.execution(execution)));
    List<Asked> opened = matching(name, asked);
    if (opened.isEmpty()) {
      throw new QuestionClosedException(
          "Execution "
              + execution
              + " asks no question '"
              + name
              + "'. It asks: "
              + names(asked.stream().map(Asked::question).toList()));
    }
    return opened;
  }

  /**
   * The reason why a question is no longer open; null if it was never asked, or is open.
   *
   * @throws ExecutionNotFoundException if the execution does not exist
   */
  private @Nullable QuestionClosedException closed(UUID execution, String name) {
    for (QuestionStatus status :
        List.of(QuestionStatus.COMPLETED, QuestionStatus.TIMEOUT, QuestionStatus.CANCELLED)) {
      List<Asked> closed = named(execution, name, status);
      if (!closed.isEmpty()) {
        String by = closed.getLast().question().respondedBy();
        return closed(
            execution, name, ": " + status.text() + (by == null ? "." : " by " + by + "."));
      }
    }
    if (!store
        .asked(QuestionQuery.of(with -> with.execution(execution).name(name)), true)
        .isEmpty()) {
      return closed(execution, name, ": its time is over.");
    }
    ExecutionNotFoundException missing = executions.missing(List.of(execution)).get(execution);
    if (missing != null) {
      throw missing;
    }
    return null;
  }

  private static QuestionClosedException closed(UUID execution, String name, String why) {
    return new QuestionClosedException(
        "Question '" + name + "' of execution " + execution + " is not open any more" + why);
  }

  /** The questions by their names, or by their paths where several have one name. */
  private static List<String> names(List<OpenQuestion> open) {
    Map<String, Long> names =
        open.stream().collect(Collectors.groupingBy(OpenQuestion::name, Collectors.counting()));
    return open.stream()
        .map(each -> names.getOrDefault(each.name(), 0L) == 1 ? each.name() : each.path())
        .toList();
  }
}
