package dev.durable.json;

/**
 * A value's JSON is larger than the hard limit. Never retried: the same value would be too large
 * again.
 */
public class PayloadTooLargeException extends JsonException {

  private static final long serialVersionUID = 1L;

  /**
   * @param what which value, such as {@code output of step 'price'}
   * @param bytes its size as UTF-8
   * @param limit the hard limit in bytes
   */
  public PayloadTooLargeException(String what, long bytes, long limit) {
    super(
        "The "
            + what
            + " is "
            + bytes
            + " bytes of JSON; the limit is "
            + limit
            + ". Store the value elsewhere and pass a reference to it, or raise the limit with"
            + " DurableBuilder.payloadLimits(...).",
        null);
  }
}
