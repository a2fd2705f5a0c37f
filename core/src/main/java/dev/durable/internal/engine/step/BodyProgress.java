package dev.durable.internal.engine.step;

import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.SavedProgress.Saved;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a body: a value that its next attempt can read. A body that is entered only to
 * collect how it is undone has none, so that it comes by all that it has done.
 */
final class BodyProgress {

  private final BodyScope scope;
  private final RunState run;

  /** One value at a time: the database is asked for the number of a value whose fate is unknown. */
  private final ReentrantLock saving = new ReentrantLock();

  BodyProgress(BodyScope scope) {
    this.scope = scope;
    this.run = scope.run();
  }

  /** Saves a value in the place of the one before. It has been committed when this returns. */
  void save(Object value) {
    Objects.requireNonNull(value, "value");
    scope.requireCalls("its progress");
    if (collects()) {
      return;
    }
    String json = run.services().payloads().encode(what(), value);
    saving.lock();
    try {
      scope.requireWanted();
      run.journal().commit(scope.attempt(), Uncommitted.of(List.of(row(json))), () -> {});
    } finally {
      saving.unlock();
    }
  }

  private String path() {
    return new NodePath(scope.attempt().path()).progress().text();
  }

  private StepRow row(String json) {
    String path = path();
    Saved last = run.history().progress().at(path);
    return new StepRow(
        last == null ? run.history().nextSeq(path) : last.seq(),
        path,
        StepType.PROGRESS,
        last == null ? 1 : last.number() + 1,
        StepStatus.COMPLETED,
        json,
        null,
        Duration.ZERO,
        last != null);
  }

  /** The value that was saved last. */
  <P> Optional<P> last(TypeRef<P> type) {
    Objects.requireNonNull(type, "type");
    scope.requireCalls("its progress");
    Saved last = run.history().progress().at(path());
    if (last == null || collects()) {
      return Optional.empty();
    }
    @Nullable P value = scope.readable("The " + what(), () -> scope.decode(last.json(), type));
    return Optional.ofNullable(value);
  }

  private boolean collects() {
    return scope.attempt().collection() != null;
  }

  private String what() {
    return "progress of '" + scope.attempt().path() + "'";
  }
}
