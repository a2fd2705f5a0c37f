package dev.durable.queue;

import dev.durable.internal.form.Form;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The limits that an operator sets instead of those that the code declares: {@link Queues#limits}.
 * What is not named stays as the code has it. A form: it can be changed until the lambda that
 * receives it has returned. Not thread-safe.
 */
public final class LimitOptions {

  private final Form form = new Form();
  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

  private LimitOptions() {}

  /**
   * The options that the lambda fills in.
   *
   * @throws IllegalArgumentException if it names none
   */
  public static LimitOptions of(Consumer<? super LimitOptions> with) {
    LimitOptions options = new LimitOptions();
    options.form.filledIn(options, with);
    if (options.values.isEmpty()) {
      throw new IllegalArgumentException(
          "An override names at least one limit; clearOverrides(…) takes one away.");
    }
    return options;
  }

  /**
   * {@link QueueOptions#globalConcurrency}.
   *
   * @throws IllegalArgumentException if less than 1: {@link Queues#pause} lets none run
   */
  public LimitOptions globalConcurrency(int executions) {
    return set(
        "globalConcurrency",
        QueueOptions.of(code -> code.globalConcurrency(executions)).globalConcurrency());
  }

  /** Any number of executions may run at a time, whatever the code declares. */
  public LimitOptions noGlobalConcurrency() {
    return set("globalConcurrency", null);
  }

  /**
   * {@link QueueOptions#perKey}.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public LimitOptions perKey(int executions) {
    return set("perKey", QueueOptions.of(code -> code.perKey(executions)).perKey());
  }

  /** Any number of executions with the same limit key may run at a time. */
  public LimitOptions noPerKey() {
    return set("perKey", null);
  }

  /**
   * {@link QueueOptions#rate}.
   *
   * @throws IllegalArgumentException if less than 1, or if the period is shorter than a millisecond
   *     or longer than 366 days
   */
  public LimitOptions rate(int executions, Duration period) {
    return set("rate", new Rate(executions, period));
  }

  /** Any number of executions may begin within any time. */
  public LimitOptions noRate() {
    return set("rate", null);
  }

  /**
   * {@link QueueOptions#ratePerKey}.
   *
   * @throws IllegalArgumentException if less than 1, or if the period is shorter than a millisecond
   *     or longer than 366 days
   */
  public LimitOptions ratePerKey(int executions, Duration period) {
    return set("ratePerKey", new Rate(executions, period));
  }

  /** Any number of executions with the same limit key may begin within any time. */
  public LimitOptions noRatePerKey() {
    return set("ratePerKey", null);
  }

  /**
   * Whether executions that have begun and wait keep their place: {@link
   * QueueOptions#countWaiting}.
   */
  public LimitOptions countWaiting(boolean count) {
    return set("countWaiting", count);
  }

  /** Whether limit keys take turns: {@link QueueOptions#fair}. */
  public LimitOptions fair(boolean turns) {
    return set("fair", turns);
  }

  /**
   * {@link QueueOptions#aging}.
   *
   * @throws IllegalArgumentException if shorter than a millisecond or longer than 366 days
   */
  public LimitOptions aging(Duration each) {
    return set("aging", QueueOptions.of(code -> code.aging(each)).aging());
  }

  /** No execution counts as one of a higher priority because of its age. */
  public LimitOptions noAging() {
    return set("aging", null);
  }

  private LimitOptions set(String name, @Nullable Object value) {
    form.requireOpen();
    values.put(name, value);
    return this;
  }

  /** The limits that it sets, by the names of their methods; null for one that it lifts. */
  public Map<String, @Nullable Object> values() {
    return Collections.unmodifiableMap(values);
  }
}
