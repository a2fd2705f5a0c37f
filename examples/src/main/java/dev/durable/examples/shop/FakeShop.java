package dev.durable.examples.shop;

import dev.durable.retry.NonRetryableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** A shop whose stock is a table, and whose other services say what they do. */
public final class FakeShop implements Shop {

  private static final int TAX_PERCENT = 19;
  private static final int RISK = 3;

  private final DataSource dataSource;
  private final Consumer<String> out;

  /**
   * Makes the table of the stock, if it is not there.
   *
   * @param out takes what the services do, line by line
   */
  public FakeShop(DataSource dataSource, Consumer<String> out) {
    this.dataSource = dataSource;
    this.out = out;
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "create table if not exists shop_reservations (order_id text, sku text, count int)");
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Override
  public void reserve(PlaceOrder order, Connection connection) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("insert into shop_reservations values (?, ?, ?)")) {
      for (PlaceOrder.Line line : order.lines()) {
        insert.setString(1, order.id());
        insert.setString(2, line.sku());
        insert.setInt(3, line.count());
        insert.executeUpdate();
      }
    }
  }

  @Override
  public void release(PlaceOrder order) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement delete =
            connection.prepareStatement("delete from shop_reservations where order_id = ?")) {
      delete.setString(1, order.id());
      out.accept("  released " + delete.executeUpdate() + " lines of " + order.id());
    }
  }

  @Override
  public int risk(PlaceOrder order) {
    return RISK;
  }

  @Override
  public int tax(PlaceOrder order) {
    return order.cents() * TAX_PERCENT / 100;
  }

  @Override
  public String pick(PlaceOrder.Line line, String key) {
    out.accept("  picked " + line.sku());
    return "parcel of " + line.sku();
  }

  @Override
  public void putBack(String parcel) {
    out.accept("  put back the " + parcel);
  }

  @Override
  public void refund(MoneyReceived payment) {
    out.accept("  refunded " + payment.cents() + " cents");
  }

  @Override
  public BookedShipment ship(ShipmentRequest request, String key) {
    return new BookedShipment("T-" + request.orderId());
  }

  @Override
  public void callOff(BookedShipment shipment) {
    out.accept("  called off " + shipment.tracking());
  }

  /**
   * Sends a mail.
   *
   * @throws NonRetryableException if the address is empty
   */
  @Override
  public void mail(String to, String text, String key) {
    if (to.isEmpty()) {
      throw new NonRetryableException("There is no address to write to.");
    }
    out.accept("  mail to " + to + ": " + text);
  }
}
