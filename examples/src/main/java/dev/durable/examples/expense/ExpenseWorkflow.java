package dev.durable.examples.expense;

import dev.durable.input.Approval;
import dev.durable.workflow.Workflow;
import java.time.Duration;

/** Asks a manager about an expense; what nobody answers in time is rejected. */
public final class ExpenseWorkflow {

  private ExpenseWorkflow() {}

  /**
   * The definition.
   *
   * @param patience how long the manager has
   */
  public static Workflow<Expense, Expense> definition(Duration patience) {
    return Workflow.define("expense", Expense.class)
        .approval(
            "manager",
            (expense, ask) ->
                ask.prompt(
                        "%s spent %d EUR on %s. Approve?"
                            .formatted(expense.employee(), expense.euros(), expense.what()))
                    .assignee("group:managers")
                    .metadata("employee", expense.employee())
                    .timeout(patience)
                    .onTimeout(Approval.rejected("nobody answered in time")),
            (expense, approval) -> expense.decided(text(approval)))
        .build();
  }

  private static String text(Approval approval) {
    return (approval.approved() ? "approved" : "rejected")
        + (approval.by() == null ? "" : " by " + approval.by())
        + (approval.comment() == null ? "" : ": " + approval.comment());
  }
}
