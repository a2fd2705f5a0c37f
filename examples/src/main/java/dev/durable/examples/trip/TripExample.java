package dev.durable.examples.trip;

import static java.time.Duration.ofSeconds;

import dev.durable.Durable;
import dev.durable.examples.Example;
import dev.durable.execution.CompensationResult;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.workflow.Workflow;
import java.util.Locale;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** One trip that is paid, and one whose payment is declined. */
public final class TripExample implements Example {

  @Override
  public String name() {
    return "trip";
  }

  @Override
  public String summary() {
    return "a saga: flight, hotel and car are given back when the payment is declined";
  }

  @Override
  public void run(DataSource dataSource, Consumer<String> out) {
    Workflow<Trip, Trip> workflow = TripWorkflow.definition(new FakeAgency(out));
    try (Durable durable = Durable.on(dataSource).migrate(true).register(workflow).startWorker()) {
      book(durable, workflow, new Trip("Ada", "Rome", 120_000, ""), out);
      book(durable, workflow, new Trip("Bob", "Oslo", 50_000, ""), out);
    }
  }

  private static void book(
      Durable durable, Workflow<Trip, Trip> workflow, Trip trip, Consumer<String> out) {
    out.accept(trip.traveller() + " wants to go to " + trip.city() + ".");
    ExecutionHandle<Trip> handle = durable.start(workflow, trip);
    try {
      handle.result(ofSeconds(30));
    } catch (ExecutionFailedException failure) {
      out.accept("  " + failure.error().message());
    }
    Execution execution = durable.find(handle.id()).orElseThrow();
    out.accept("  => " + execution.status().text());
    for (CompensationResult result : execution.compensations()) {
      String status = result.status().text().toLowerCase(Locale.ROOT);
      out.accept("     " + result.handler() + " " + result.step() + ": " + status);
    }
  }
}
