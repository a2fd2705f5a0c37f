package dev.durable.testkit;

import dev.durable.internal.codec.StoredTypes;
import dev.durable.json.JsonCodec;
import dev.durable.wait.Event;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Instant;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Runs a workflow in memory, on the calling thread, without a database and without waiting: {@code
 * DryRun.of(ORDER).event(PAYMENT, paid).answer("review", approval).run(order)}.
 *
 * <p>Values go through the codec, so that a type which cannot be stored is found. Sleeps and the
 * pauses between attempts are over at once, and so is a wait with a limit for which the script has
 * nothing: it times out. A wait without a limit ends the run as waiting. The parts of a parallel
 * block or a forEach run one after the other, in their order. What becomes of parts that race is
 * not guessed: the run throws an {@link UnsupportedOperationException}. A body is run once per
 * attempt, also where it waits; time limits of bodies and effects are not measured. A started
 * execution is not run.
 *
 * <p>Not thread-safe. One object can be run several times; each run has the whole script.
 *
 * @param <I> the workflow's input
 * @param <O> its result
 */
public final class DryRun<I, O> {

  private final Workflow<I, O> workflow;
  private final Script script;
  private JsonCodec codec = JsonCodec.jackson();
  private @Nullable Instant begin;
  private DryStart start = DryStart.PLAIN;

  private DryRun(Workflow<I, O> workflow) {
    this.workflow = workflow;
    this.script = new Script(workflow);
  }

  /** A run of a workflow, without a script so far. */
  public static <I, O> DryRun<I, O> of(Workflow<I, O> workflow) {
    return new DryRun<>(Objects.requireNonNull(workflow, "workflow"));
  }

  // ---- its start ----

  /**
   * The business key of the execution; none unless set. A child of the same workflow cannot have it
   * as well.
   *
   * @throws IllegalArgumentException if blank, longer than 500 characters, or with a NUL character
   *     or half a surrogate pair
   */
  public DryRun<I, O> key(String businessKey) {
    start = start.withKey(businessKey);
    return this;
  }

  /**
   * A tag of the execution. Several calls add several.
   *
   * @throws IllegalArgumentException if name or value is not a text as of a {@link #key}
   */
  public DryRun<I, O> tag(String name, String value) {
    start = start.tagged(name, value);
    return this;
  }

  /**
   * The queue that the execution runs in; that of the workflow unless set.
   *
   * @throws IllegalArgumentException if it is not a text as of a {@link #key}
   */
  public DryRun<I, O> queue(String name) {
    start = start.in(name);
    return this;
  }

  /**
   * The schedule that starts the execution for a tick, which {@code execution().scheduledFor()}
   * then tells; the run begins at the time of {@link #startingAt} all the same.
   *
   * @throws IllegalArgumentException if the name is not a text as of a {@link #key}
   */
  public DryRun<I, O> schedule(String name, Instant tick) {
    start = start.by(name, Objects.requireNonNull(tick, "tick"));
    return this;
  }

  /**
   * The schedule that starts the execution because it is triggered, which is for no tick.
   *
   * @throws IllegalArgumentException if the name is not a text as of a {@link #key}
   */
  public DryRun<I, O> triggeredBy(String schedule) {
    start = start.by(schedule, null);
    return this;
  }

  // ---- what comes from outside ----

  /** An event that is there when it is awaited. Several of a name come in this order. */
  public <E> DryRun<I, O> event(Event<E> event, E payload) {
    script.event(null, event, payload);
    return this;
  }

  /**
   * An event that comes only when it is awaited at a path.
   *
   * @param path the path of the wait, as in {@code payment} for a node and {@code body/payment} for
   *     a wait within a body
   */
  public <E> DryRun<I, O> event(String path, Event<E> event, E payload) {
    script.event(Objects.requireNonNull(path, "path"), event, payload);
    return this;
  }

  /**
   * The answer to the question at a path. The run fails with an {@link
   * dev.durable.question.InvalidAnswerException} if the question's rules refuse it.
   *
   * @param path the path of the question, with or without indices
   * @param answer an {@link dev.durable.question.Approval}, a text, a list of texts, or a form's
   *     record
   */
  public DryRun<I, O> answer(String path, Object answer) {
    script.answer(path, answer);
    return this;
  }

  /** The wait at a path is cancelled. */
  public DryRun<I, O> cancelWait(String path) {
    script.cancelWait(path);
    return this;
  }

  /** The execution is cancelled when it comes to a path. */
  public DryRun<I, O> cancel(String path) {
    script.cancel(path);
    return this;
  }

  // ---- what stands for something else ----

  /**
   * What stands for a child workflow; what it throws is the child's failure. A called workflow
   * without one is run dry itself, with the events of this script.
   */
  public <J, X> DryRun<I, O> child(
      Workflow<J, X> child, StepFunction<? super J, ? extends X> instead) {
    script.child(child, instead);
    return this;
  }

  /**
   * What stands for the body of the node, or for the effect, at a path. For a node it gets the data
   * and returns what the node hands on; for an effect it gets null. It can also stand for a branch
   * of a body, for which it gets null, or for an item of a body's forEach, which it gets.
   *
   * <p>What a body does is known only when it runs: {@link DryResult#unused} names the stubs that
   * stood for nothing.
   *
   * @param path the path, with or without indices, as in {@code checks/fraud}, {@code body/charge}
   *     or {@code body/ship[1]/parcel}
   * @throws IllegalArgumentException when it runs, if the workflow can have nothing at the path
   */
  public DryRun<I, O> stub(String path, StepFunction<Object, ?> body) {
    script.stub(path, body);
    return this;
  }

  /** What stands for the body of the node at a path, which gets data of a class. */
  public <T> DryRun<I, O> stub(String path, Class<T> type, StepFunction<? super T, ?> body) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(body, "body");
    return stub(path, data -> body.apply(type.cast(data)));
  }

  /**
   * The connection that transactions get, such as a fake. It is neither committed nor closed; that
   * is up to the test.
   */
  public DryRun<I, O> connection(Connection connection) {
    script.connections(Connections.of(Objects.requireNonNull(connection, "connection")));
    return this;
  }

  /** Where each transaction gets its connection from; it is committed if the transaction ends. */
  public DryRun<I, O> dataSource(DataSource dataSource) {
    script.connections(Connections.of(Objects.requireNonNull(dataSource, "dataSource")));
    return this;
  }

  // ---- the run ----

  /** How values are stored; {@link JsonCodec#jackson()} unless set. */
  public DryRun<I, O> codec(JsonCodec how) {
    this.codec = Objects.requireNonNull(how, "how");
    return this;
  }

  /** When the run begins; now unless set. */
  public DryRun<I, O> startingAt(Instant time) {
    this.begin = Objects.requireNonNull(time, "time");
    return this;
  }

  /**
   * Runs it.
   *
   * @throws dev.durable.workflow.InvalidWorkflowException if the codec refuses one of its types
   * @throws dev.durable.question.InvalidAnswerException if a question's rules refuse the answer
   * @throws UnsupportedOperationException if parts of a fork that take time race for its end, or if
   *     the execution fails and its workflow's {@code retryWorkflow} decides what follows
   * @throws IllegalStateException if a transaction asks for a connection and the script has none
   */
  public DryResult<O> run(I input) {
    StoredTypes.require(workflow, codec);
    Script own = script.copy();
    own.stubs().requireEffects(workflow);
    DryExecution run =
        new DryExecution(workflow, own, codec, begin == null ? Instant.now() : begin, start);
    try {
      return run.run(workflow, input);
    } catch (DryStop.Misuse wrong) {
      throw wrong.problem();
    }
  }
}
