package dev.durable.examples.trip;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A travel agency that books everything, but checks the card before it takes the money.
 *
 * @param out takes each booking, line by line
 * @param numbers counts the bookings
 */
public record FakeAgency(Consumer<String> out, AtomicInteger numbers) implements TravelAgency {

  private static final int PRICE = 90_000;

  /** An agency without bookings. */
  public FakeAgency(Consumer<String> out) {
    this(out, new AtomicInteger());
  }

  @Override
  public String book(String what, Trip trip, String key) {
    String booking = what + " " + numbers.incrementAndGet();
    out.accept("  booked " + booking);
    return booking;
  }

  @Override
  public void cancel(String booking, String key) {
    out.accept("  gave back " + booking);
  }

  @Override
  public void pay(Trip trip, String key) {
    if (trip.cents() < PRICE) {
      throw new PaymentDeclinedException(trip.traveller());
    }
    out.accept("  paid");
  }
}
