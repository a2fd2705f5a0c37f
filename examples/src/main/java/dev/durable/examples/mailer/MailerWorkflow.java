package dev.durable.examples.mailer;

import static java.time.Duration.ofMillis;

import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.Workflow;
import java.util.List;

/** Sends a mail to each recipient, several at once; a bad address does not stop the other mails. */
public final class MailerWorkflow {

  private MailerWorkflow() {}

  /** The definition. */
  public static Workflow<Campaign, Campaign.Result> definition(Postman postman) {
    return Workflow.define("mail_campaign", Campaign.class)
        .forEach(
            "send",
            Campaign.Result.class,
            String.class,
            Campaign::recipients,
            each ->
                each.run(
                    "mail",
                    (recipient, step) -> postman.send(recipient, step.idempotencyKey()),
                    with -> with.retry(RetryPolicy.constant(ofMillis(20)).maxAttempts(3))),
            MailerWorkflow::result,
            with -> with.concurrency(20).completeAll())
        .build();
  }

  private static Campaign.Result result(Campaign campaign, ItemResults<String> results) {
    List<String> bounced =
        results.failed().keySet().stream().map(campaign.recipients()::get).toList();
    return new Campaign.Result(results.completed().size(), bounced);
  }
}
