package dev.durable.random;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.OpenQuestion;
import dev.durable.question.QuestionClosedException;
import dev.durable.wait.Event;
import dev.durable.wait.OpenWait;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Send and answer what executions wait for. */
final class Outsiders {

  private static final String EVENT = "event:";

  private final Durable durable;
  private final Set<String> comes = new HashSet<>();

  Outsiders(Durable durable, List<Program> programs) {
    this.durable = durable;
    for (Program program : programs) {
      program.stages().forEach(stage -> stage.bodies().forEach(this::learn));
    }
  }

  private void learn(Body body) {
    body.ops().forEach(this::learn);
  }

  /** Which events come. */
  private void learn(Op op) {
    switch (op) {
      case Op.Await await when await.comes() -> comes.add(await.event());
      case Op.Call call -> learn(call.child());
      case Op.Start start -> learn(start.child());
      case Op.Fork fork -> fork.parts().forEach(this::learn);
      case Op.Waver waver -> waver.turns().forEach(this::learn);
      default -> {}
    }
  }

  /** Do what there is to do. */
  void act() {
    durable.questions().list(all -> {}).forEach(this::answer);
    for (Execution one :
        durable
            .executions(all -> all.status(ExecutionStatus.WAITING).limit(ExecutionQuery.MAX_LIMIT))
            .items()) {
      for (OpenWait wait : durable.waits(one.id())) {
        wait.signals().forEach(signal -> send(one.id(), signal));
      }
    }
  }

  private void answer(OpenQuestion question) {
    try {
      durable
          .questions()
          .answer(
              question.executionId(), question.path(), Expected.answer(question.prompt()), "ada");
    } catch (QuestionClosedException | ExecutionNotFoundException changedItsMind) {
      // The body does not ask any more.
    }
  }

  private void send(UUID id, String signal) {
    String name = signal.substring(signal.indexOf(':') + 1);
    if (signal.startsWith(EVENT) && comes.contains(name)) {
      durable.send(
          id, Event.of(name, Note.class), new Note(name), with -> with.idempotencyKey(name));
    }
  }
}
