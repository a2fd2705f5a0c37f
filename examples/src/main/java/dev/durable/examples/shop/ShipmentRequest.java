package dev.durable.examples.shop;

import java.util.List;

/**
 * The input of the shipment.
 *
 * @param orderId the order's number
 * @param parcels the numbers of the parcels
 */
public record ShipmentRequest(String orderId, List<String> parcels) {}
