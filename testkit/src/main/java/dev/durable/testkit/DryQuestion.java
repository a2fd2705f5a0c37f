package dev.durable.testkit;

import dev.durable.internal.codec.Answers;
import dev.durable.question.Approval;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Question;
import dev.durable.question.QuestionStatus;
import dev.durable.question.QuestionType;
import java.util.List;
import java.util.UUID;

/** A question that the script answers. */
record DryQuestion(DryExecution run, String path, String name, Question<?> question) {

  /**
   * The answer as it is stored.
   *
   * @throws dev.durable.question.InvalidAnswerException if the question's rules refuse it
   */
  String accept(Object given) {
    Answers answers = new Answers(run.payloads());
    Object plain = answers.plain(name, given);
    String by = given instanceof Approval approval && approval.by() != null ? approval.by() : "";
    Class<?> form = question.type() == QuestionType.FORM ? formClass() : null;
    return answers.accept(open(), form, plain, by);
  }

  private Class<?> formClass() {
    return (Class<?>) question.answer().type();
  }

  private OpenQuestion open() {
    return new OpenQuestion(
        UUID.randomUUID(),
        run.info().id(),
        run.info().workflow(),
        name,
        path,
        question.type(),
        question.prompt(),
        question.choices(),
        question.fields(),
        question.metadata(),
        question.assignees(),
        QuestionStatus.PENDING,
        null,
        null,
        null,
        run.clock().now(),
        null,
        List.of());
  }
}
