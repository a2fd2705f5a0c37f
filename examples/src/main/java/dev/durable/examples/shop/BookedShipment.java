package dev.durable.examples.shop;

/**
 * What is on its way.
 *
 * @param tracking the carrier's number
 */
public record BookedShipment(String tracking) {}
