package dev.durable.examples.order.fake;

import dev.durable.examples.order.CardDeclinedException;
import dev.durable.examples.order.Order;
import dev.durable.examples.order.Payment;
import dev.durable.examples.order.Price;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A payment gateway with bad days. For about one order in five, the first one or two calls fail;
 * for a few orders it takes the money, but its answer gets lost. It remembers each charge by its
 * idempotency key in a file, so no card is charged twice, whichever worker calls again.
 */
final class FlakyPaymentGateway implements AutoCloseable {

  private static final String DECLINED_CARD = "tok_declined";

  private final AppendOnlyFile file;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Integer> refusals = new HashMap<>();
  private final Map<String, Payment> charges = new HashMap<>();
  private long readTo;

  FlakyPaymentGateway(Path path) {
    this.file = new AppendOnlyFile(path);
  }

  Payment charge(Order order, Price price, String key) throws GatewayUnavailableException {
    lock.lock();
    try {
      recall();
      Payment earlier = charges.get(key);
      if (earlier != null) {
        return earlier;
      }
      if (order.card().equals(DECLINED_CARD)) {
        throw new CardDeclinedException(order.card());
      }
      int day = Chance.of(order.id(), 100);
      if (refusals.getOrDefault(key, 0) < refusals(day)) {
        file.append("refused", key);
        throw new GatewayUnavailableException("503 Service Unavailable");
      }
      Payment payment =
          new Payment(
              "ch_" + Integer.toHexString(key.hashCode()), price.totalCents(), price.currency());
      remember(key, payment);
      if (answerGetsLost(day)) {
        throw new GatewayUnavailableException("connection reset: the answer got lost");
      }
      return payment;
    } finally {
      lock.unlock();
    }
  }

  private static int refusals(int day) {
    return day < 76 ? 0 : day < 88 ? 1 : day < 95 ? 2 : 0;
  }

  private static boolean answerGetsLost(int day) {
    return day >= 95;
  }

  private void remember(String key, Payment payment) {
    file.append(
        "charged",
        key,
        payment.chargeId(),
        Long.toString(payment.totalCents()),
        payment.currency());
  }

  /** Reads the lines appended since the last time, here or in another process. */
  private void recall() {
    AppendOnlyFile.Lines lines = file.read(readTo);
    for (List<String> row : lines.rows()) {
      if (row.get(0).equals("refused")) {
        refusals.merge(row.get(1), 1, Integer::sum);
      } else {
        charges.put(row.get(1), new Payment(row.get(2), Long.parseLong(row.get(3)), row.get(4)));
      }
    }
    readTo = lines.end();
  }

  @Override
  public void close() {
    file.close();
  }
}
