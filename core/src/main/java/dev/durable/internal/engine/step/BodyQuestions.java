package dev.durable.internal.engine.step;

import dev.durable.internal.codec.Answers;
import dev.durable.internal.engine.wait.WaitLimit;
import dev.durable.internal.engine.wait.WaitTargets;
import dev.durable.internal.text.NodePath;
import dev.durable.question.Question;
import dev.durable.wait.WaitOutcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The questions that a body asks people. */
final class BodyQuestions {

  private final BodyScope scope;
  private final BodyWaits waits;

  BodyQuestions(BodyScope scope, BodyWaits waits) {
    this.scope = scope;
    this.waits = waits;
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param limit the longest time, or null
   */
  <A> WaitOutcome<A> ask(String name, Question<A> question, @Nullable Duration limit) {
    String path = scope.once(name);
    if (question == null) {
      throw new NullPointerException("The question '" + path + "' is null.");
    }
    NodePath.requireIndexable(path, name);
    WaitTargets.Ask ask = new WaitTargets.Ask(name, path, question, limit);
    return waits.received(
        path,
        () -> waits.await(path, WaitLimit.of(limit), ask),
        result ->
            BodyWaits.outcome(
                result,
                "an answer to '" + path + "'",
                () -> answers().read(question, result.payload())));
  }

  private Answers answers() {
    return new Answers(scope.run().services().payloads());
  }
}
