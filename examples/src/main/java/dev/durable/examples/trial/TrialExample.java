package dev.durable.examples.trial;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;

import dev.durable.Durable;
import dev.durable.examples.Example;
import dev.durable.examples.Waiting;
import dev.durable.execution.ExecutionHandle;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** Three weeks, at a tenth of a second a day: one customer stays silent, one subscribes. */
public final class TrialExample implements Example {

  private static final Duration DAY = ofMillis(100);

  @Override
  public String name() {
    return "trial";
  }

  @Override
  public String summary() {
    return "reminders over three weeks (of 2 s here): one customer subscribes, one does not";
  }

  @Override
  public void run(DataSource dataSource, Consumer<String> out) {
    AtomicInteger sent = new AtomicInteger();
    Workflow<Trial, Trial> workflow =
        TrialWorkflow.definition(
            DAY,
            (to, text) -> {
              out.accept("  to " + to + ": " + text);
              return "mail " + sent.incrementAndGet();
            });
    try (Durable durable = Durable.on(dataSource).migrate(true).register(workflow).startWorker()) {
      out.accept("Ada tries it, and says nothing.");
      out.accept("  => " + outcome(durable.start(workflow, new Trial("Ada", ""))));
      out.accept("Alan tries it, and subscribes.");
      ExecutionHandle<Trial> alan = durable.start(workflow, new Trial("Alan", ""));
      Waiting.atRest(durable, alan.id());
      durable.send(alan.id(), TrialWorkflow.SUBSCRIBED, "gold");
      out.accept("  => " + outcome(alan));
    }
  }

  private static String outcome(ExecutionHandle<Trial> trial) {
    return requireNonNull(trial.result(ofSeconds(30))).outcome();
  }
}
