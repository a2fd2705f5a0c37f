package dev.durable.acceptance;

import static java.time.Duration.ofMillis;

import dev.durable.Durable;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.question.Reminder;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.AwaitOptions;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Workflows that remind, and the rows and letters of their reminders. */
final class Reminders {

  /** The reminders sent so far. */
  final List<Reminder> sent = new CopyOnWriteArrayList<>();

  private final TestDatabase db;

  Reminders(TestDatabase db) {
    this.db = db;
  }

  static Workflow<String, String> approval(
      String name, UnaryOperator<Question<Approval>> question) {
    return approval(name, question, with -> {});
  }

  static Workflow<String, String> approval(
      String name,
      UnaryOperator<Question<Approval>> question,
      Consumer<AwaitOptions<String, String>> with) {
    return Workflow.define(name, String.class)
        .ask(
            "boss",
            text -> question.apply(Question.approval("Well?")),
            (text, got) -> text + got.by(),
            with)
        .build();
  }

  Durable start(Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource())
        .worker(w -> w.pollInterval(ofMillis(20)))
        .register(workflows)
        .startWorker();
  }

  /** Until it rests, with this many reminders and escalations behind it. */
  void untilSent(UUID id, int number) {
    Gate.until(
        () ->
            db.number(
                    "select count(*) from durable.workflow_executions e where e.id = ?"
                        + " and e.status = 'waiting' and (select count(*)"
                        + " from durable.step_executions s where s.workflow_id = e.id"
                        + " and s.path ~ '(reminder|escalation)\\[' and s.status = 'completed') = ?",
                    id,
                    number)
                == 1);
  }

  /** The rows of reminders and escalations. */
  List<String> rows(UUID id) {
    return db.rows(
        "select step_name || ' ' || status || coalesce(' ' || output::text, '')"
            + " from durable.step_executions where workflow_id = ?"
            + " and path ~ '(reminder|escalation)\\[' order by seq",
        id);
  }

  /** In how many hours a row is due, rounded. */
  long hoursUntil(UUID id, String row) {
    return db.number(
        "select round(extract(epoch from wake_at - now()) / 3600)::bigint"
            + " from durable.step_executions where workflow_id = ? and step_name = ?"
            + " and status = 'waiting'",
        id,
        row);
  }

  /** The reminders sent so far, each with its number and the person it goes to. */
  List<String> texts() {
    return sent.stream()
        .map(each -> each.number() + " to " + String.join(" and ", each.assignees()))
        .toList();
  }

  /** A branch that asks, beside one that works until the gate opens. */
  Workflow<String, String> besideWork(String name, Duration every, Gate gate) {
    return Workflow.define(name, String.class)
        .parallel(
            "both",
            par -> {
              BranchRef<String> asks =
                  par.path(
                      "asks",
                      String.class,
                      path ->
                          path.ask(
                              "why",
                              text -> Question.text("?").remindEvery(every, sent::add),
                              (text, why) -> why));
              par.step("works", String.class, (text, step) -> gate.hold(text));
              return par.join((text, results) -> results.get(asks));
            })
        .build();
  }
}
