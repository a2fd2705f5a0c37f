package dev.durable.examples.shop;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data of the tree: each node adds what it found out. A body needs no such record.
 *
 * @param order the input
 * @param checks what was found out, after the checks
 * @param payment what was paid, after the payment
 * @param parcels the numbers of the parcels, after the picking
 * @param shipment what is on its way, after the shipment
 */
public record OrderState(
    PlaceOrder order,
    @Nullable Checks checks,
    @Nullable MoneyReceived payment,
    List<String> parcels,
    @Nullable BookedShipment shipment) {

  static OrderState of(PlaceOrder order) {
    return new OrderState(order, null, null, List.of(), null);
  }

  OrderState checked(Checks found) {
    return new OrderState(order, found, payment, parcels, shipment);
  }

  OrderState paid(MoneyReceived received) {
    return new OrderState(order, checks, received, parcels, shipment);
  }

  OrderState picked(List<String> numbers) {
    return new OrderState(order, checks, payment, numbers, shipment);
  }

  OrderState shipped(BookedShipment booked) {
    return new OrderState(order, checks, payment, parcels, booked);
  }

  boolean needsReview() {
    return ShopRules.needsReview(order, requireNonNull(checks).risk());
  }

  ShipmentRequest shipmentRequest() {
    return new ShipmentRequest(order.id(), parcels);
  }

  MoneyReceived requirePayment() {
    return requireNonNull(payment);
  }

  BookedShipment requireShipment() {
    return requireNonNull(shipment);
  }

  Receipt receipt() {
    return new Receipt(
        order.id(),
        requirePayment().cents(),
        requireNonNull(checks).tax(),
        requireShipment().tracking());
  }
}
