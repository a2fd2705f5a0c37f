package dev.durable.examples.shop;

import java.util.List;

/**
 * The input of both workflows.
 *
 * @param id the order's number
 * @param customer who gets the mail
 * @param lines what is ordered
 */
public record PlaceOrder(String id, String customer, List<Line> lines) {

  /**
   * A line of an order.
   *
   * @param sku the article
   * @param count how many
   * @param cents the price of one
   */
  public record Line(String sku, int count, int cents) {}

  /** The price of everything, before taxes. */
  public int cents() {
    return lines.stream().mapToInt(line -> line.count() * line.cents()).sum();
  }
}
