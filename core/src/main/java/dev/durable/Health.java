package dev.durable;

import java.util.List;

/**
 * Whether a {@link Durable} instance can do its work.
 *
 * @param reasons what keeps it from that, for people to read; empty if it is healthy
 */
public record Health(List<String> reasons) {

  /** Copies the reasons. */
  public Health {
    reasons = List.copyOf(reasons);
  }

  /** Whether there is nothing that keeps it from its work. */
  public boolean isHealthy() {
    return reasons.isEmpty();
  }

  @Override
  public String toString() {
    return isHealthy() ? "healthy" : "unhealthy: " + String.join("; ", reasons);
  }
}
