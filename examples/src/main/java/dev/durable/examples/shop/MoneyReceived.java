package dev.durable.examples.shop;

/**
 * What the payment provider sends.
 *
 * @param id its own number
 * @param cents the amount
 */
public record MoneyReceived(String id, int cents) {}
