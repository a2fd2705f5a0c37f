package dev.durable.torture;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** How long things took from their beginning until they were seen to have ended. */
final class Histogram {

  private final long width;
  private final Map<String, Long> waiting = new HashMap<>();
  private final TreeMap<Long, Integer> buckets = new TreeMap<>();

  Histogram(Duration width) {
    this.width = width.toMillis();
  }

  void begin(String what) {
    waiting.put(what, System.nanoTime());
  }

  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** Asks which of those that wait have ended. */
  void look(UnaryOperator<List<String>> ended) {
    if (waiting.isEmpty()) {
      return;
    }
    for (String what : ended.apply(List.copyOf(waiting.keySet()))) {
      long millis = (System.nanoTime() - waiting.remove(what)) / 1_000_000;
      buckets.merge(millis / width, 1, Integer::sum);
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    int highest = buckets.values().stream().max(Integer::compare).orElse(1);
    buckets.forEach(
        (bucket, count) ->
            text.append(
                "%6d ms to %6d ms %6d %s%n"
                    .formatted(
                        bucket * width,
                        (bucket + 1) * width,
                        count,
                        "#".repeat(Math.max(1, count * 40 / highest)))));
    return text.toString();
  }
}
