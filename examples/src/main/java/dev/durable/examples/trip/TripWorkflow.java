package dev.durable.examples.trip;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.Workflow;

/** Books flight, hotel and car, then pays; cancels all bookings if a step fails. */
public final class TripWorkflow {

  private TripWorkflow() {}

  /** The definition. */
  public static Workflow<Trip, Trip> definition(TravelAgency agency) {
    return Workflow.define("book_trip", Trip.class, with -> with.timeout(ofSeconds(60)))
        .step(
            "flight",
            (trip, step) -> trip.booked(agency.book("flight", trip, step.idempotencyKey())),
            with -> undone(with, agency))
        .step(
            "hotel",
            (trip, step) -> trip.booked(agency.book("hotel", trip, step.idempotencyKey())),
            with -> undone(with, agency))
        .step(
            "car",
            (trip, step) -> trip.booked(agency.book("car", trip, step.idempotencyKey())),
            with -> undone(with, agency))
        .step(
            "pay",
            (trip, step) -> {
              agency.pay(trip, step.idempotencyKey());
              return trip;
            })
        .build();
  }

  private static StepOptions<Trip> undone(StepOptions<Trip> with, TravelAgency agency) {
    return with.compensate(
        "cancel",
        (trip, step) -> agency.cancel(trip.booking(), step.idempotencyKey()),
        undo -> undo.retry(RetryPolicy.exponential(ofMillis(50)).maxAttempts(10)));
  }
}
