package dev.durable.examples.expense;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;

import dev.durable.Durable;
import dev.durable.examples.Example;
import dev.durable.examples.Waiting;
import dev.durable.execution.ExecutionHandle;
import dev.durable.question.Approval;
import dev.durable.question.InvalidAnswerException;
import dev.durable.question.OpenQuestion;
import dev.durable.workflow.Workflow;
import java.util.Map;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** One expense that a manager approves, and one without any answer. */
public final class ExpenseExample implements Example {

  @Override
  public String name() {
    return "expense";
  }

  @Override
  public String summary() {
    return "a person approves; without an answer it escalates, and a timeout decides";
  }

  @Override
  public void run(DataSource dataSource, Consumer<String> out) {
    Workflow<Expense, Expense> days = ExpenseWorkflow.definition(ofDays(3), out);
    try (Durable durable = Durable.on(dataSource).migrate(true).register(days).startWorker()) {
      ExecutionHandle<Expense> handle = durable.start(days, new Expense("Ada", "a chair", 300));
      OpenQuestion question = Waiting.question(durable, handle.id());
      out.accept("Asked " + String.join(", ", question.assignees()) + ": " + question.prompt());
      out.accept("  the execution is " + handle.status().text() + ", and costs nothing");
      out.accept("Everyone with access to its database could answer now:");
      out.accept("  durable answer " + handle.id() + " manager approve --by jane");
      try {
        durable.questions().answer(handle.id(), "manager", Map.of("approved", "maybe"), "joe");
      } catch (InvalidAnswerException refused) {
        out.accept("Joe says maybe. " + refused.reasons().getFirst());
      }
      durable.questions().answer(handle.id(), "manager", Approval.approved("jane", "good chair"));
      out.accept("  => " + requireNonNull(handle.result(ofSeconds(30))).decision());
    }
    Workflow<Expense, Expense> second = ExpenseWorkflow.definition(ofSeconds(1), out);
    try (Durable durable = Durable.on(dataSource).register(second).startWorker()) {
      ExecutionHandle<Expense> handle = durable.start(second, new Expense("Bob", "a boat", 9_000));
      out.accept("Bob's question is open for a second.");
      out.accept("  => " + requireNonNull(handle.result(ofSeconds(30))).decision());
    }
  }
}
