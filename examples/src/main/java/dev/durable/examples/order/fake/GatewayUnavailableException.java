package dev.durable.examples.order.fake;

/** The payment gateway does not answer at the moment. */
public class GatewayUnavailableException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * @param message the reason
   */
  public GatewayUnavailableException(String message) {
    super(message);
  }
}
