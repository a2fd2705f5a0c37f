package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.input.InputRequest;
import dev.durable.internal.engine.WaitRunner.Limit;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.StartRow;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.text.NodePath;
import dev.durable.json.JsonException;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import dev.durable.wait.WaitCancelledException;
import dev.durable.wait.WaitOptions;
import dev.durable.wait.WaitOutcome;
import dev.durable.wait.WaitTimeoutException;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a body sees of its run. */
final class BodyContext implements StepContext<Object> {

  private static final Logger LOG = LoggerFactory.getLogger(BodyContext.class);

  private final Strand strand;
  private final RunState run;
  private final Attempt attempt;
  private final WaitRunner waits;
  private final Standing standing;
  private final Set<String> effects = ConcurrentHashMap.newKeySet();
  private final ThreadLocal<@Nullable String> inside = new ThreadLocal<>();

  BodyContext(Strand strand, Attempt attempt) {
    this(strand, attempt, false);
  }

  /**
   * @param waitsOnly whether the body does nothing but wait
   */
  BodyContext(Strand strand, Attempt attempt, boolean waitsOnly) {
    this.strand = strand;
    this.run = strand.run();
    this.attempt = attempt;
    this.waits = new WaitRunner(run, attempt, waitsOnly);
    this.standing = new Standing(run);
  }

  @Override
  public ExecutionInfo execution() {
    return new ExecutionInfo(
        run.id(),
        run.claimed().workflow(),
        run.claimed().version(),
        run.claimed().key(),
        run.claimed().queue(),
        run.claimed().tags());
  }

  @Override
  public String path() {
    return attempt.path();
  }

  @Override
  public int attempt() {
    return attempt.number();
  }

  @Override
  public Object input() {
    return readable("The input", () -> decode(run.claimed().input(), run.workflow().input()));
  }

  @Override
  public <R> R result(StepRef<R> step) {
    Objects.requireNonNull(step, "step");
    String json = run.history().result(step.path());
    if (json == null) {
      json = run.history().result(NodePath.beside(step.path(), attempt.path()));
    }
    if (json == null) {
      throw new IllegalStateException(
          "Step '"
              + step.path()
              + "' of execution "
              + run.id()
              + " has no committed result. Only results of earlier steps can be read.");
    }
    String result = json;
    return readable("The result of '" + step.path() + "'", () -> decode(result, step.type()));
  }

  /**
   * A stored value.
   *
   * @param what which, for the reason
   * @throws UnreadableError if it cannot be read
   */
  <T> T readable(String what, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (JsonException unreadable) {
      throw parks(what, List.of(), unreadable);
    }
  }

  /** Refuses a name that the body has used for something else before its code was changed. */
  private void requireFree(String path, Purpose purpose) {
    ErrorInfo difference = standing.difference(attempt.path(), path, purpose);
    if (difference != null) {
      attempt.parks(difference, List.of());
      throw new UnreadableError(difference.message());
    }
  }

  /** Waits under a name that the body uses for nothing else. */
  private WaitResult await(String path, Limit limit, WaitTargets.Aim aim) {
    requireFree(path, aim.purpose());
    return waits.await(path, limit, aim);
  }

  private UnreadableError parks(String what, List<StepRow> marks, JsonException why) {
    attempt.parks(StepValues.unreadable(what, attempt.path(), why), marks);
    return new UnreadableError(what + " cannot be read");
  }

  @Override
  public String idempotencyKey() {
    String effect = inside.get();
    return effect == null ? keyOfStep() : idempotencyKey(effect);
  }

  private String keyOfStep() {
    return run.id() + "/" + attempt.path();
  }

  @Override
  public String idempotencyKey(String effect) {
    return new NodePath(keyOfStep()).call(effect).text();
  }

  @Override
  public <R> R run(String name, TypeRef<R> type, Callable<R> effect) throws Exception {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(effect, "effect");
    String path = once(name);
    requireFree(path, Purpose.EFFECT);
    String json = run.history().callResult(path);
    if (json != null) {
      return readable("The result of effect '" + path + "'", () -> decode(json, type));
    }
    run.services().payloads().require("result of effect '" + path + "'", type);
    return read(remember(path, type, inside(name, effect)), type);
  }

  /** While it runs, its thread is inside the effect. */
  private <R> Callable<R> inside(String name, Callable<R> effect) {
    return () -> {
      String outer = inside.get();
      inside.set(name);
      try {
        return effect.call();
      } finally {
        if (outer == null) {
          inside.remove();
        } else {
          inside.set(outer);
        }
      }
    };
  }

  /** The path of something that this body does. */
  private String once(String name) {
    if (attempt.isLeft()) {
      throw new SuspendedError();
    }
    Objects.requireNonNull(name, "name");
    NodePath.requireCall(attempt.path(), name);
    if (!effects.add(name)) {
      throw new IllegalStateException(
          "Step '"
              + attempt.path()
              + "' asks twice for '"
              + name
              + "'. Effects, waits and children are remembered by name: give each its own.");
    }
    return new NodePath(attempt.path()).call(name).text();
  }

  @Override
  public boolean isCancelled() {
    return isUnwanted() || attempt.isLeft();
  }

  private boolean isUnwanted() {
    return strand.isStopped() || !attempt.isOpen();
  }

  /**
   * @throws StoppedError if the body's work is no longer wanted
   */
  void requireWanted() {
    if (isUnwanted()) {
      throw strand.stoppedError();
    }
  }

  // ---- waits ----

  @Override
  public void sleep(String name, Duration time) {
    String path = once(name);
    await(path, new Limit(positive(given(path, time)), null), WaitTargets.time());
  }

  @Override
  public void sleepUntil(String name, Instant time) {
    String path = once(name);
    await(path, new Limit(null, given(path, time)), WaitTargets.time());
  }

  /** A sleep without an end would have no reason to make progress. */
  private static <T> T given(String path, @Nullable T time) {
    if (time == null) {
      throw new IllegalArgumentException(
          "'" + path + "' cannot sleep: the time that it was given is null.");
    }
    return time;
  }

  private static void requireNonNull(@Nullable Object given, String what, String path) {
    if (given == null) {
      throw new NullPointerException("The " + what + " of '" + path + "' is null.");
    }
  }

  private static ChildOptions options(UnaryOperator<ChildOptions> with, String path) {
    Objects.requireNonNull(with, "with");
    ChildOptions options = with.apply(new ChildOptions());
    requireNonNull(options, "options", path);
    return options;
  }

  private static Duration positive(Duration time) {
    return time.isNegative() ? Duration.ZERO : time;
  }

  @Override
  public <E> WaitOutcome<E> await(String name, Event<E> event, UnaryOperator<WaitOptions> with) {
    Objects.requireNonNull(event, "event");
    String path = once(name);
    requireReadable(path, List.of(event));
    String what = "event '" + event.name() + "' at '" + path + "'";
    return received(
        path,
        () -> await(path, limit(with, path), WaitTargets.events(false, List.of(event))),
        result -> outcome(result, what, () -> payload(result, event)));
  }

  @Override
  public WaitOutcome<Events> awaitAny(
      String name, List<Event<?>> events, UnaryOperator<WaitOptions> with) {
    requireEvents(events);
    String path = once(name);
    requireReadable(path, events);
    return received(
        path,
        () -> await(path, limit(with, path), WaitTargets.events(false, events)),
        result -> outcome(result, several("one", events, path), () -> events(result, events)));
  }

  @Override
  public WaitOutcome<Events> awaitAll(
      String name, List<Event<?>> events, UnaryOperator<WaitOptions> with) {
    requireEvents(events);
    String path = once(name);
    requireReadable(path, events);
    return received(
        path,
        () -> await(path, limit(with, path), WaitTargets.events(true, events)),
        result -> outcome(result, several("all", events, path), () -> events(result, events)));
  }

  private static void requireEvents(List<Event<?>> events) {
    Objects.requireNonNull(events, "events");
    events.forEach(event -> Objects.requireNonNull(event, "event"));
  }

  /** What a wait that has begun receives is read, or parks the execution. */
  private void requireReadable(String path, List<? extends Event<?>> events) {
    for (Event<?> event : waits.isNew(path) ? events : List.<Event<?>>of()) {
      run.services()
          .payloads()
          .require("payload of event '" + event.name() + "' at '" + path + "'", event.type());
    }
  }

  /**
   * What came of a wait. What cannot be read parks the execution; if it still cannot be read after
   * an operator's retry, it is set aside, and the body waits anew.
   */
  private <T> T received(String path, Supplier<WaitResult> wait, Function<WaitResult, T> reading) {
    while (true) {
      WaitResult result = wait.get();
      try {
        return reading.apply(result);
      } catch (JsonException unreadable) {
        if (!run.history().waitsAnew(path)) {
          String what = "What was received at '" + path + "'";
          throw parks(what, List.of(unreadableMark(path, unreadable)), unreadable);
        }
        LOG.warn(
            "Execution {}: what was received at '{}' still cannot be read; it waits anew",
            run.id(),
            path);
      }
    }
  }

  /** Tells whoever takes the execution over that this has been found out. */
  private StepRow unreadableMark(String path, JsonException why) {
    ErrorInfo error = StepValues.unreadable("What was received", path, why);
    return new StepRow(
        run.history().nextSeq(path),
        path,
        StepType.WAIT,
        // The wait's own row may have been written since the history was read.
        run.history().attempts(path) + 2,
        StepStatus.FAILED,
        null,
        InternalJson.write(error),
        Duration.ZERO,
        false);
  }

  private <E> E payload(WaitResult result, Event<E> event) {
    String json = Objects.requireNonNull(result.payloads().get(event.name()));
    String what = "payload of event '" + event.name() + "'";
    return StepValues.orVoid(run.services().payloads().decode(what, json, event.type()));
  }

  private static Limit limit(UnaryOperator<WaitOptions> with, String path) {
    Objects.requireNonNull(with, "with");
    WaitOptions options = with.apply(WaitOptions.FOREVER);
    requireNonNull(options, "options", path);
    return new Limit(options.limit().orElse(null), null);
  }

  private Events events(WaitResult result, List<Event<?>> events) {
    Map<String, Object> payloads = new LinkedHashMap<>();
    for (Event<?> event : events) {
      if (result.payloads().containsKey(event.name())) {
        payloads.put(event.name(), payload(result, event));
      }
    }
    return new Events(payloads);
  }

  private static String several(String many, List<Event<?>> events, String path) {
    List<String> names = events.stream().<String>map(Event::name).toList();
    return many + " of the events " + names + " at '" + path + "'";
  }

  private static <T> WaitOutcome<T> outcome(WaitResult result, String what, Supplier<T> value) {
    if (result.isReceived()) {
      return new WaitOutcome.Received<>(value.get());
    }
    return result.isTimedOut()
        ? new WaitOutcome.TimedOut<>(what)
        : new WaitOutcome.Cancelled<>(what);
  }

  private <T> T decode(String json, TypeRef<T> type) {
    return StepValues.orVoid(run.services().payloads().decode(json, type));
  }

  @Override
  public <A> A ask(String name, InputRequest<A> question) {
    String path = once(name);
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
    return received(
        path,
        () -> await(path, new Limit(question.timeout(), null), ask),
        result -> answer(path, question, value, result));
  }

  private <A> A answer(
      String path, InputRequest<A> question, @Nullable String standing, WaitResult result) {
    if (result.isReceived()) {
      return answers().read(question, result.payload());
    }
    if (result.isTimedOut() && standing != null) {
      return answers().read(question, standing);
    }
    throw notReceived(result, path, "answer");
  }

  private Answers answers() {
    return new Answers(run.services().payloads());
  }

  private static RuntimeException notReceived(WaitResult result, String path, String what) {
    return result.isTimedOut()
        ? new WaitTimeoutException("No " + what + " to '" + path + "' came in time.")
        : new WaitCancelledException(
            "The wait for the " + what + " to '" + path + "' was cancelled.");
  }

  // ---- children ----

  @Override
  public <J, O> O call(
      String name, Workflow<J, O> child, J input, UnaryOperator<ChildOptions> with) {
    Objects.requireNonNull(child, "child");
    String path = once(name);
    ChildOptions options = options(with, path);
    if (waits.isNew(path)) {
      run.services()
          .payloads()
          .require("result of workflow '" + child.name() + "' at '" + path + "'", child.output());
    }
    WaitTargets.Call call =
        new WaitTargets.Call(
            path,
            child.name(),
            options,
            () -> former(path, child.name()),
            () -> run.services().children().prepare(child, input, options));
    WaitResult result = await(path, new Limit(options.limit().orElse(null), null), call);
    if (!result.isReceived()) {
      throw notReceived(result, path, "result of '" + child.name() + "'");
    }
    String output = ChildEnd.decode(result).outputOrThrow(child.name());
    return readable(
        "The result of child '" + child.name() + "' at '" + path + "'",
        () -> decode(output, child.output()));
  }

  /** The child that an operator's retry lets go on here; null if there is none. */
  private @Nullable UUID former(String path, String workflow) {
    UUID former = run.history().formerChild(path);
    if (former == null || !run.services().children().goesOn(former, workflow)) {
      return null;
    }
    run.waits().forget("child:" + former);
    return former;
  }

  @Override
  public <J> UUID start(
      String name, Workflow<J, ?> child, J input, UnaryOperator<ChildOptions> with) {
    Objects.requireNonNull(child, "child");
    String path = once(name);
    Purpose purpose = Purpose.of(Purpose.Kind.START, child.name());
    requireFree(path, purpose);
    String known = run.history().callResult(path);
    if (known != null) {
      return InternalJson.read(
          Objects.requireNonNull(JsonFields.split(known).get("child")), TypeRef.of(UUID.class));
    }
    requireWanted();
    ChildOptions options = options(with, path);
    if (options.limit().isPresent()) {
      throw new IllegalArgumentException(
          "'"
              + path
              + "' is started and not waited for, so it cannot have a timeout: use call(...).");
    }
    StartRow start = waits.answered(() -> run.services().children().prepare(child, input, options));
    JsonValue data =
        JsonValue.of(JsonFields.join(purpose.and(Map.of("child", InternalJson.write(start.id())))));
    StepRow row = row(path, StepType.CHILD, data, Duration.ZERO).starting(start.id());
    run.waits().startedChild();
    waits.commit(Uncommitted.of(row, WaitTargets.starting(start, path, options)), () -> {});
    return start.id();
  }

  @SuppressWarnings("unchecked") // Read as the type that R stands for.
  private <R> R read(JsonValue data, TypeRef<R> type) {
    return (R) StepValues.orVoid(data.as(type, run.services().payloads()));
  }

  private <R> JsonValue remember(String path, TypeRef<R> type, Callable<R> effect)
      throws Exception {
    requireWanted();
    long beganAt = System.nanoTime();
    JsonValue data = run.services().results().encode(path, type, effect.call());
    StepRow row = row(path, StepType.EFFECT, data, Duration.ofNanos(System.nanoTime() - beganAt));
    waits.commit(Uncommitted.of(List.of(row)), () -> {});
    return data;
  }

  private StepRow row(String path, StepType type, JsonValue data, Duration elapsed) {
    return new StepRow(
        run.history().nextSeq(path),
        path,
        type,
        1,
        StepStatus.COMPLETED,
        data.json(),
        null,
        elapsed,
        false);
  }
}
