package dev.durable.examples.shop;

/**
 * The result of both workflows.
 *
 * @param orderId the order's number
 * @param paid in cents
 * @param tax in cents
 * @param tracking the carrier's number
 */
public record Receipt(String orderId, int paid, int tax, String tracking) {}
