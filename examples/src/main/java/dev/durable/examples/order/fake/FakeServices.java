package dev.durable.examples.order.fake;

import dev.durable.examples.order.Confirmation;
import dev.durable.examples.order.Order;
import dev.durable.examples.order.Payment;
import dev.durable.examples.order.Price;
import dev.durable.examples.order.Services;
import dev.durable.examples.order.Shipment;
import java.nio.file.Path;

/**
 * Slow services, like real ones. Their results and times depend on the order alone, so that each
 * run sees the same.
 */
public final class FakeServices implements Services, AutoCloseable {

  private final FlakyPaymentGateway gateway;

  /**
   * @param gatewayFile the memory of the payment gateway
   */
  public FakeServices(Path gatewayFile) {
    this.gateway = new FlakyPaymentGateway(gatewayFile);
  }

  @Override
  public Payment charge(Order order, Price price, String idempotencyKey) throws Exception {
    work(order, 60, 180);
    return gateway.charge(order, price, idempotencyKey);
  }

  @Override
  public Shipment ship(Order order, String idempotencyKey) throws Exception {
    work(order, 30, 90);
    return new Shipment("Pigeon Post", "PP" + Chance.of(idempotencyKey, 1_000_000_000));
  }

  @Override
  public void mail(Order.Customer customer, Confirmation confirmation, String idempotencyKey)
      throws Exception {
    Thread.sleep(10 + Chance.of(customer.email(), 30));
  }

  @Override
  public void close() {
    gateway.close();
  }

  private static void work(Order order, int leastMillis, int mostMillis)
      throws InterruptedException {
    Thread.sleep(leastMillis + Chance.of(order.id(), mostMillis - leastMillis));
  }
}
