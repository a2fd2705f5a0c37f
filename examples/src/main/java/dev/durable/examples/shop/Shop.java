package dev.durable.examples.shop;

import java.sql.Connection;
import java.sql.SQLException;

/** The services that an order needs. A call with a key may be repeated with the same key. */
public interface Shop {

  /** Reserves the stock, in the caller's transaction. */
  void reserve(PlaceOrder order, Connection connection) throws SQLException;

  /** Gives back what is reserved for an order; does nothing if nothing is. */
  void release(PlaceOrder order) throws SQLException;

  /** Returns the risk of fraud, 0 to 100. */
  int risk(PlaceOrder order);

  /** Returns the tax, in cents. */
  int tax(PlaceOrder order);

  /** Takes a line out of the warehouse, and returns the number of its parcel. */
  String pick(PlaceOrder.Line line, String key);

  /** Puts a parcel back; does nothing if it is back. */
  void putBack(String parcel);

  /** Pays the money back; does nothing if it has been. */
  void refund(MoneyReceived payment);

  /** Books a carrier. */
  BookedShipment ship(ShipmentRequest request, String key);

  /** Calls the carrier off; does nothing if that has been done. */
  void callOff(BookedShipment shipment);

  /** Sends a mail. */
  void mail(String to, String text, String key);
}
