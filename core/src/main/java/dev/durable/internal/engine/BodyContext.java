package dev.durable.internal.engine;

import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.StepRow;
import dev.durable.json.TypeRef;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepRef;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

/** What a body sees of its run. */
final class BodyContext implements StepContext<Object> {

  private final Strand strand;
  private final Run run;
  private final Attempt attempt;
  private final Set<String> effects = ConcurrentHashMap.newKeySet();

  BodyContext(Strand strand, Attempt attempt) {
    this.strand = strand;
    this.run = strand.run;
    this.attempt = attempt;
  }

  @Override
  public ExecutionInfo execution() {
    return new ExecutionInfo(
        run.claimed.owner().id(),
        run.claimed.workflow(),
        run.claimed.version(),
        run.claimed.key(),
        run.claimed.queue(),
        run.claimed.tags());
  }

  @Override
  public String path() {
    return attempt.path;
  }

  @Override
  public int attempt() {
    return attempt.number;
  }

  @Override
  public Object input() {
    return Values.orVoid(run.engine.payloads().decode(run.claimed.input(), run.workflow.input()));
  }

  @Override
  public <R> R result(StepRef<R> step) {
    String json = run.history.result(step.path());
    if (json == null) {
      json = run.history.result(beside(step.path(), attempt.path));
    }
    if (json == null) {
      throw new IllegalStateException(
          "Step '"
              + step.path()
              + "' of execution "
              + run.claimed.owner().id()
              + " has no committed result. Only results of earlier steps can be read.");
    }
    return Values.orVoid(run.engine.payloads().decode(json, step.type()));
  }

  @Override
  public String idempotencyKey() {
    return run.claimed.owner().id() + "/" + attempt.path;
  }

  @Override
  public String idempotencyKey(String effect) {
    return idempotencyKey() + "/" + effect;
  }

  @Override
  public <R> R run(String name, TypeRef<R> type, Callable<R> effect) throws Exception {
    if (!effects.add(name)) {
      throw new IllegalStateException(
          "Step '"
              + attempt.path
              + "' asks twice for the effect '"
              + name
              + "'. Effects are remembered by name: give each its own.");
    }
    String path = attempt.path + "/" + name;
    String json = run.history.result(path);
    Data data = json == null ? remember(path, type, effect) : Data.of(json);
    return read(data, type);
  }

  @Override
  public boolean isCancelled() {
    return strand.isStopped() || !attempt.isOpen();
  }

  @SuppressWarnings("unchecked") // Read as the type that R stands for.
  private <R> R read(Data data, TypeRef<R> type) {
    return (R) Values.orVoid(data.as(type, run.engine.payloads()));
  }

  private <R> Data remember(String path, TypeRef<R> type, Callable<R> effect) throws Exception {
    if (isCancelled()) {
      throw new StoppedError();
    }
    long beganAt = System.nanoTime();
    Data data = run.engine.results().encode(path, type, effect.call());
    StepRow row =
        new StepRow(
            run.history.nextSeq(path),
            path,
            StepType.EFFECT,
            1,
            StepStatus.COMPLETED,
            data.json(),
            null,
            Duration.ofNanos(System.nanoTime() - beganAt),
            false);
    boolean interrupted =
        run.await(
            attempt.offer(
                () -> run.offer(row).thenRun(() -> run.history.completed(path, data.json()))));
    if (interrupted) {
      // It was meant for the body.
      Thread.currentThread().interrupt();
    }
    return data;
  }

  /**
   * The path of a step in the same item or round: the indices that the step's own path leaves out
   * are those of the reader.
   */
  private static String beside(String wanted, String reader) {
    String[] names = wanted.split("/", -1);
    String[] own = reader.split("/", -1);
    for (int i = 0; i < Math.min(names.length, own.length); i++) {
      if (!Node.pathInDefinition(own[i]).equals(names[i])) {
        break;
      }
      names[i] = own[i];
    }
    return String.join("/", names);
  }
}
