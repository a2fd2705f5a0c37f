package dev.durable.examples.order.fake;

/** The payment gateway does not answer just now. */
public class GatewayUnavailableException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * @param message what happened
   */
  public GatewayUnavailableException(String message) {
    super(message);
  }
}
