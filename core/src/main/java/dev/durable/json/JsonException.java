package dev.durable.json;

import dev.durable.DurableException;
import org.jspecify.annotations.Nullable;

/** A value could not be turned into JSON, or JSON not into the type asked for. Never retried. */
public class JsonException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message which type, and why
   * @param cause the codec's own exception, or null
   */
  public JsonException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
