package dev.durable.examples.trial;

import dev.durable.examples.trial.Trial.Mailer;
import dev.durable.wait.Event;
import dev.durable.wait.WaitOutcome.Received;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;

/**
 * Waits for a subscription until the trial is over, and reminds the customer more and more often.
 */
public final class TrialWorkflow {

  /** The plan that the customer has chosen. */
  public static final Event<String> SUBSCRIBED = Event.of("subscribed", String.class);

  private static final List<Reminder> REMINDERS =
      List.of(
          new Reminder("tips", 7, "Five things to try"),
          new Reminder("one_week_left", 7, "One week left"),
          new Reminder("three_days_left", 4, "Three days left"));
  private static final int LAST_DAYS = 3;

  private record Reminder(String name, int daysAfter, String text) {}

  private TrialWorkflow() {}

  /**
   * The definition.
   *
   * @param day the length of a day
   */
  public static Workflow<Trial, Trial> definition(Duration day, Mailer mailer) {
    return Workflow.of(
        "trial",
        Trial.class,
        Trial.class,
        (trial, step) -> {
          step.run("welcome", String.class, () -> mailer.send(trial.customer(), "Welcome"));
          for (Reminder next : REMINDERS) {
            Duration silence = day.multipliedBy(next.daysAfter());
            if (step.await("until_" + next.name(), SUBSCRIBED, silence)
                instanceof Received<String>(String plan)) {
              return trial.ended("subscribed to " + plan);
            }
            step.run(next.name(), String.class, () -> mailer.send(trial.customer(), next.text()));
          }
          return trial.ended(
              step.await("until_end", SUBSCRIBED, day.multipliedBy(LAST_DAYS))
                      instanceof Received<String>(String plan)
                  ? "subscribed to " + plan
                  : "over");
        });
  }
}
