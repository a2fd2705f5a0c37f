package dev.durable.examples.expense;

import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Asks a manager about an expense, and the directors if no manager answers. Without an answer in
 * time it is rejected.
 */
public final class ExpenseWorkflow {

  private ExpenseWorkflow() {}

  /**
   * The definition.
   *
   * @param patience the time for all of them
   * @param mail takes the mails to them
   */
  public static Workflow<Expense, Expense> definition(Duration patience, Consumer<String> mail) {
    return Workflow.define("expense", Expense.class)
        .ask(
            "manager",
            expense ->
                Question.approval(
                        "%s spent %d EUR on %s. Approve?"
                            .formatted(expense.employee(), expense.euros(), expense.what()))
                    .assignee("group:managers")
                    .metadata("employee", expense.employee())
                    .remindEvery(
                        patience.dividedBy(3),
                        due ->
                            mail.accept(
                                "  to "
                                    + String.join(", ", due.assignees())
                                    + ": It is still open."))
                    .escalateAfter(
                        patience.dividedBy(2),
                        "group:directors",
                        due ->
                            mail.accept(
                                "  to "
                                    + String.join(", ", due.assignees())
                                    + ": It is yours now.")),
            (expense, approval) -> expense.decided(text(approval)),
            with ->
                with.timeout(patience)
                    .onTimeout(expense -> expense.decided("rejected: no answer in time")))
        .build();
  }

  private static String text(Approval approval) {
    return (approval.approved() ? "approved" : "rejected")
        + (approval.by() == null ? "" : " by " + approval.by())
        + (approval.comment() == null ? "" : ": " + approval.comment());
  }
}
