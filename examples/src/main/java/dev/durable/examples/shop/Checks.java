package dev.durable.examples.shop;

/**
 * What is found out about an order before it is accepted.
 *
 * @param risk 0 to 100
 * @param tax in cents
 */
public record Checks(int risk, int tax) {}
