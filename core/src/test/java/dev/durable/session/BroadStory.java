package dev.durable.session;

import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofMillis;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.StepExecution;
import dev.durable.question.Question;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.ExecutionRows;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A little of everything that the engine can do, on two workers. Told twice, it leaves the same
 * behind, whatever the sessions are like.
 */
final class BroadStory {

  private static final int SHORT = 20;
  private static final Pattern ID =
      Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");
  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final String name;
  private final Duration nap;
  private final Map<String, AtomicInteger> runs = new ConcurrentSkipListMap<>();
  private final Gate first = new Gate();

  private final Workflow<String, String> child;
  private final Workflow<String, String> brief;
  private final Workflow<String, String> main;
  private final Workflow<String, String> saga;
  private final Workflow<String, String> waits;
  private final SteeredStory steered;
  private final List<String> told = new ArrayList<>();

  /**
   * @param name its queue, and what its workflows' names begin with
   * @param nap how long it rests in between
   */
  BroadStory(TestDatabase db, String name, Duration nap) {
    this.db = db;
    this.name = name;
    this.nap = nap;
    this.child = define("child").step("inner", (t, step) -> ran("inner " + t, t + "c")).build();
    this.brief = define("brief").step("only", (t, step) -> ran("only " + t, t + "s")).build();
    this.main = main();
    this.saga = saga();
    this.waits = define("waits").await("never", GO, (text, got) -> text).build();
    this.steered = new SteeredStory(db, name);
  }

  /** Where transaction steps of all stories write. */
  static void prepare(TestDatabase db) {
    db.script("create table public.booked (story text not null, item text not null)");
  }

  private WorkflowBuilder<String, String> define(String suffix) {
    return Workflow.define(name + "-" + suffix, String.class, with -> with.queue(name));
  }

  private Workflow<String, String> main() {
    return define("main")
        .step(
            "one",
            (text, step) -> {
              first.pass();
              return ran("one", text + step.run("effect", String.class, () -> ran("effect", "1")));
            })
        .transaction("book", (text, tx) -> book(tx, text))
        .parallel(
            "both",
            par -> {
              BranchRef<String> a = par.step("a", String.class, (t, step) -> ran("a", "a"));
              BranchRef<String> b =
                  par.step(
                      "b",
                      String.class,
                      (t, step) -> {
                        if (step.attempt() == 1) {
                          throw new IllegalStateException("not yet");
                        }
                        return ran("b", "b");
                      },
                      with -> with.retry(RetryPolicy.constant(ofMillis(30)).maxAttempts(3)));
              return par.join((text, results) -> text + results.get(a) + results.get(b));
            })
        .forEach(
            "each",
            String.class,
            text -> List.of("x", "y", "z"),
            each -> each.step("up", (item, step) -> ran("up " + item, item + item)),
            (text, results) -> text + String.join("", results.completed()),
            with -> with.concurrency(2))
        .sleep("nap", nap)
        .await("go", GO, (text, got) -> text + got)
        .ask(
            "sure",
            text -> Question.text("Sure, or \\ not 'sure'?"),
            (text, answer) -> text + answer)
        .call("child", child, text -> "k", (text, result) -> text + result)
        .callEach(
            "children",
            child,
            text -> List.of("m", "n"),
            (text, results) -> text + String.join("", results.completed()))
        .step("end", (text, step) -> ran("end", text + "\\'!"))
        .build();
  }

  private Workflow<String, String> saga() {
    return define("saga")
        .step(
            "first",
            text -> text + "1",
            with ->
                with.compensate(
                    "undo",
                    (result, step) -> {
                      if (step.attempt() == 1) {
                        throw new IllegalStateException("not yet");
                      }
                      ran("undo first", result);
                    },
                    undo -> undo.retry(RetryPolicy.constant(ofMillis(20)).maxAttempts(3))))
        .transaction(
            "second",
            (text, tx) -> book(tx, text),
            with -> with.compensate("undo", (result, step) -> ran("undo second", result)))
        .step(
            "fails",
            text -> {
              throw new IllegalStateException("it's over");
            })
        .build();
  }

  private <T> T ran(String what, T result) {
    runs.computeIfAbsent(what, unused -> new AtomicInteger()).incrementAndGet();
    return result;
  }

  private String book(TransactionContext<?> tx, String item) throws SQLException {
    try (PreparedStatement insert =
        tx.connection().prepareStatement("insert into public.booked values (?, ?)")) {
      insert.setString(1, name);
      insert.setString(2, item);
      insert.executeUpdate();
    }
    return item + "b";
  }

  private Durable worker(DataSource sessions) {
    return Durable.on(sessions)
        .register(child, brief, main, saga, waits, steered.work())
        .worker(w -> steered.configure(w.pollInterval(ofMillis(500))))
        .startWorker();
  }

  /**
   * Tells it.
   *
   * @param holds how long somebody holds the row of an execution that takes a step, or is sent an
   *     event; null if nobody does
   * @return what it has left behind, line by line
   */
  List<String> tell(DataSource one, DataSource other, @Nullable Duration holds) {
    try {
      List<UUID> roots = run(one, other, holds);
      return traces(roots);
    } catch (Exception | AssertionError failure) {
      throw new AssertionError(failure + "; left: " + unfinished(), failure);
    } finally {
      first.open();
    }
  }

  private List<UUID> run(DataSource one, DataSource other, @Nullable Duration holds)
      throws SQLException {
    try (Durable a = worker(one);
        Durable b = worker(other)) {
      CompletableFuture<List<String>> steering =
          CompletableFuture.supplyAsync(() -> steered.tell(a, b), Thread::startVirtualThread);
      ExecutionHandle<String> keyed =
          a.start(main, "m\\'", with -> with.key("the one").tag("t", "v"));
      List<ExecutionHandle<String>> all =
          b.startAll(
              brief,
              IntStream.range(0, SHORT).mapToObj(i -> "" + i).toList(),
              (input, with) -> with.key(input).priority(Integer.parseInt(input)));
      ExecutionHandle<String> delayed = a.start(brief, "late", with -> with.delay(ofMillis(30)));
      ExecutionHandle<String> undone = b.start(saga, "s");
      ExecutionHandle<String> waiting = a.start(waits, "w");
      first.awaitReached();
      holding(keyed.id(), holds, first::open);
      expect(b.start(main, "again", with -> with.key("the one")).isNew(), false);

      until("it waits to be cancelled", () -> !b.waits(waiting.id()).isEmpty());
      b.cancel(waiting.id(), "no longer wanted");

      until(
          "it waits for an event",
          () -> a.waits(keyed.id()).stream().anyMatch(wait -> wait.path().startsWith("go")));
      holding(
          keyed.id(),
          holds,
          () -> b.send(keyed.id(), GO, "g'\\", with -> with.idempotencyKey("once")));
      a.send(keyed.id(), GO, "h", with -> with.idempotencyKey("once"));
      until("it asks", () -> !a.questions().open(keyed.id()).isEmpty());
      b.questions().answer(keyed.id(), "sure", "yes", "jane");

      List<UUID> roots = new ArrayList<>();
      keyed.result(SOON);
      roots.add(keyed.id());
      for (ExecutionHandle<String> handle : all) {
        handle.result(SOON);
        roots.add(handle.id());
      }
      delayed.result(SOON);
      roots.add(delayed.id());
      until(
          "ends that are no results",
          () -> undone.status().isFinal() && waiting.status().isFinal());
      roots.add(undone.id());
      roots.add(waiting.id());
      told.addAll(steering.join());
      return roots;
    }
  }

  private static void until(String what, BooleanSupplier condition) {
    try {
      Gate.until(condition);
    } catch (AssertionError late) {
      throw new AssertionError("in vain until " + what, late);
    }
  }

  private static void expect(Object value, Object expected) {
    if (!value.equals(expected)) {
      throw new AssertionError("expected " + expected + ", but was " + value);
    }
  }

  /** Does something while another session holds the execution's row for that long. */
  private void holding(UUID id, @Nullable Duration holds, Runnable action) throws SQLException {
    if (holds == null) {
      action.run();
      return;
    }
    CompletableFuture<Void> done;
    try (Connection connection = db.newConnection();
        Statement statement = connection.createStatement()) {
      ExecutionRows.lock(connection, id);
      done = CompletableFuture.runAsync(action);
      statement.execute("select pg_sleep(" + holds.toMillis() / 1000.0 + ")");
      connection.commit();
    }
    done.join();
  }

  private List<String> traces(List<UUID> roots) {
    List<String> lines = new ArrayList<>();
    try (Durable client = Durable.on(db.dataSource()).build()) {
      for (UUID root : roots) {
        trace(client, root, lines);
      }
    }
    lines.addAll(
        db.rows("select 'booked ' || item from public.booked where story = ? order by 1", name));
    runs.forEach((what, times) -> lines.add("ran " + what + ": " + times));
    lines.addAll(told);
    return lines.stream()
        .map(line -> ID.matcher(line.replace(name, "story")).replaceAll("id"))
        .toList();
  }

  private static void trace(Durable client, UUID id, List<String> lines) {
    Execution execution = client.find(id).orElseThrow();
    lines.add(
        String.join(
            "|",
            execution.workflow(),
            execution.key(),
            execution.status().toString(),
            execution.input(),
            execution.output(),
            execution.error() == null ? "" : execution.error().message(),
            "" + execution.tags(),
            "recoveries " + execution.recoveries(),
            "undone "
                + execution.compensations().stream()
                    .map(done -> done.step() + " " + done.status())
                    .toList()));
    client.steps(id).stream().map(BroadStory::line).sorted().forEach(lines::add);
    client.children(id).stream()
        .sorted(Comparator.comparing(Execution::input))
        .forEach(of -> trace(client, of.id(), lines));
  }

  private static String line(StepExecution step) {
    return "  %s|%s|%d|%s|%s|%s|%s"
        .formatted(
            step.path(),
            step.type(),
            step.attempt(),
            step.status(),
            step.output(),
            step.error() == null ? "" : step.error().message(),
            step.compensates());
  }

  private List<String> unfinished() {
    return db.rows(
        "select workflow_name, status, current_step, locked_by is not null as owned, wake_at is not null as due,"
            + " left(error::text, 300) from durable.workflow_executions where queue = ? and"
            + " status not in ('completed', 'cancelled', 'compensated')",
        name);
  }

  /** What one has left behind and another has not: missing lines with a minus, more with a plus. */
  static List<String> differences(List<String> expected, List<String> actual) {
    List<String> differences = new ArrayList<>();
    List<String> more = new ArrayList<>(actual);
    for (String line : expected) {
      if (!more.remove(line)) {
        differences.add("- " + line);
      }
    }
    more.forEach(line -> differences.add("+ " + line));
    return differences;
  }

  /** What the invariants have against executions of this story. */
  List<String> violations() {
    List<String> ids =
        db.rows("select id::text from durable.workflow_executions where queue = ?", name);
    return db.violations().stream().filter(line -> ids.stream().anyMatch(line::contains)).toList();
  }
}
