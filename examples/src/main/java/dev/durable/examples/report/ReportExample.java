package dev.durable.examples.report;

import static java.time.Duration.ofSeconds;

import dev.durable.Durable;
import dev.durable.examples.Example;
import dev.durable.examples.Waiting;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.StoredSchedule;
import dev.durable.workflow.Workflow;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javax.sql.DataSource;

/** A report each second that takes longer than a second: some ticks find the last one at work. */
public final class ReportExample implements Example {

  private static final String NAME = "report_each_second";
  private static final int REPORT_MILLIS = 1_100;

  private static final Workflow<String, String> REPORT =
      Workflow.define("report_example", String.class)
          .step(
              "write",
              text -> {
                Thread.sleep(REPORT_MILLIS);
                return text;
              })
          .build();

  @Override
  public String name() {
    return "report";
  }

  @Override
  public String summary() {
    return "a schedule that ticks each second, its counts, a pause and a resume";
  }

  @Override
  public void run(DataSource dataSource, Consumer<String> out) {
    try (Durable durable = Durable.on(dataSource).migrate(true).register(REPORT).startWorker()) {
      Schedule<String> schedule =
          Schedule.every(NAME, REPORT, ofSeconds(1), with -> with.input("all"));
      StoredSchedule stored = durable.schedules().put(schedule);
      out.accept("It ticks " + stored.settings().timing().ticks().describe() + ".");
      long before = stored.started();
      follow(durable, out, now -> now.started() >= before + 2);
      durable.schedules().pause(NAME, "a short break", "the example");
      out.accept("Paused: a short break.");
      long atPause = stored(durable).started();
      durable.schedules().resume(NAME);
      out.accept("Resumed.");
      follow(durable, out, now -> now.started() > atPause);
      durable.schedules().delete(NAME);
    }
  }

  private static StoredSchedule stored(Durable durable) {
    return durable.schedules().find(NAME).orElseThrow();
  }

  /** Says the counts whenever they have changed, until the condition holds. */
  private static void follow(
      Durable durable, Consumer<String> out, Predicate<StoredSchedule> condition) {
    String[] said = {""};
    Waiting.until(
        () -> {
          StoredSchedule now = stored(durable);
          String line = line(now);
          if (!line.equals(said[0])) {
            out.accept(line);
            said[0] = line;
          }
          return condition.test(now);
        });
  }

  private static String line(StoredSchedule now) {
    return "  %d started, %d running, %d missed, %d overlapped"
        .formatted(now.started(), now.running(), now.missed(), now.overlapped());
  }
}
