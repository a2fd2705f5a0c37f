package dev.durable.examples.trial;

import dev.durable.examples.trial.Trial.Mailer;
import dev.durable.wait.Event;
import dev.durable.wait.WaitOutcome;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
          mail(step, mailer, trial, "welcome", "Welcome");
          for (Reminder reminder : REMINDERS) {
            Duration silence = day.multipliedBy(reminder.daysAfter());
            String plan = subscribed(step, "until_" + reminder.name(), silence);
            if (plan != null) {
              return trial.ended("subscribed to " + plan);
            }
            mail(step, mailer, trial, reminder.name(), reminder.text());
          }
          String plan = subscribed(step, "until_end", day.multipliedBy(LAST_DAYS));
          return trial.ended(plan == null ? "over" : "subscribed to " + plan);
        });
  }

  private static void mail(
      StepContext<Trial> step, Mailer mailer, Trial trial, String name, String text)
      throws Exception {
    step.run(name, String.class, () -> mailer.send(trial.customer(), text));
  }

  /** The plan, or null if the time is up. */
  private static @Nullable String subscribed(StepContext<Trial> step, String name, Duration time) {
    WaitOutcome<String> heard = step.await(name, SUBSCRIBED, time);
    return heard instanceof WaitOutcome.Received<String>(String plan) ? plan : null;
  }
}
