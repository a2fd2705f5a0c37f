package dev.durable.examples.trip;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.Workflow;
import java.util.function.Consumer;

/** Books flight, hotel and car, then pays; cancels all bookings if a step fails. */
public final class TripWorkflow {

  private TripWorkflow() {}

  /** The definition. */
  public static Workflow<Trip, Trip> definition(TravelAgency agency) {
    Consumer<StepOptions<?, Trip>> undone =
        with ->
            with.compensate(
                "cancel",
                (trip, undo) -> agency.cancel(trip.booking(), undo.idempotencyKey()),
                how -> how.retry(RetryPolicy.exponential(ofMillis(50)).maxAttempts(10)));
    return Workflow.define("book_trip", Trip.class, with -> with.timeout(ofSeconds(60)))
        .step(
            "flight",
            (trip, step) -> agency.book("flight", trip, step.idempotencyKey()),
            Trip::booked,
            undone)
        .step(
            "hotel",
            (trip, step) -> agency.book("hotel", trip, step.idempotencyKey()),
            Trip::booked,
            undone)
        .step(
            "car",
            (trip, step) -> agency.book("car", trip, step.idempotencyKey()),
            Trip::booked,
            undone)
        .run("pay", (trip, step) -> agency.pay(trip, step.idempotencyKey()))
        .build();
  }
}
