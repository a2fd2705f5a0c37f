package dev.durable.internal.engine.step;

import dev.durable.internal.codec.Answers;
import dev.durable.internal.engine.run.WaitResult;
import dev.durable.internal.engine.wait.WaitLimit;
import dev.durable.internal.engine.wait.WaitTargets;
import dev.durable.internal.text.NodePath;
import dev.durable.question.Question;
import org.jspecify.annotations.Nullable;

/** The questions that a body asks people. */
final class BodyQuestions {

  private final BodyScope scope;
  private final BodyWaits waits;

  BodyQuestions(BodyScope scope, BodyWaits waits) {
    this.scope = scope;
    this.waits = waits;
  }

  <A> A ask(String name, Question<A> question) {
    String path = scope.once(name);
    if (question == null) {
      throw new NullPointerException("The question '" + path + "' is null.");
    }
    NodePath.requireIndexable(path, name);
    A stands = question.onTimeout();
    if (stands != null && question.timeout() == null) {
      throw new IllegalArgumentException(
          "The question '"
              + path
              + "' has an answer for a timeout, but no timeout: add .timeout(...).");
    }
    String value = stands == null ? null : answers().standing(path, question, stands);
    WaitTargets.Ask ask = new WaitTargets.Ask(name, path, question, value);
    return waits.received(
        path,
        () -> waits.await(path, new WaitLimit(question.timeout(), null), ask),
        result -> answer(path, question, value, result));
  }

  /**
   * @param standing the answer that stands for a timeout, or null
   */
  private <A> A answer(
      String path, Question<A> question, @Nullable String standing, WaitResult result) {
    if (result.isReceived()) {
      return answers().read(question, result.payload());
    }
    if (result.isTimedOut() && standing != null) {
      return answers().read(question, standing);
    }
    throw BodyWaits.notReceived(result, path, "answer");
  }

  private Answers answers() {
    return new Answers(scope.run().services().payloads());
  }
}
