package dev.durable;

import dev.durable.internal.form.Form;
import dev.durable.internal.text.IndexedText;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an execution is started. A form: it can be changed until the lambda that receives it has
 * returned. Not thread-safe.
 */
public final class StartOptions {

  private final Form form = new Form();
  private @Nullable String key;
  private boolean rejectDuplicate;
  private @Nullable IfEnded ifEnded;
  private @Nullable Debounce debounce;
  private @Nullable String queue;
  private @Nullable String limitKey;
  private int priority;
  private @Nullable Duration delay;
  private @Nullable Instant at;
  private @Nullable Duration timeout;
  private @Nullable Instant deadline;
  private final Map<String, String> tags = new LinkedHashMap<>();

  /** The workflow's queue, priority 0, at once. */
  private StartOptions() {}

  /** The options that the lambda fills in. */
  public static StartOptions of(Consumer<? super StartOptions> with) {
    StartOptions options = new StartOptions();
    options.form.filledIn(options, with);
    options.requireTimeToRun();
    options.requireOneKey();
    return options;
  }

  /**
   * A business key, unique within the workflow for as long as the execution is stored. Starting
   * again with the same key returns the execution that is already there, whatever its status;
   * {@link #ifEnded} and {@link #rejectDuplicate} change that.
   *
   * @throws IllegalArgumentException if blank, longer than 500 characters, or with a NUL character
   *     or half a surrogate pair
   */
  public StartOptions key(String businessKey) {
    form.requireOpen();
    this.key = requireText(businessKey, "key");
    return this;
  }

  /**
   * With a {@link #key}: a second start throws {@link
   * dev.durable.execution.DuplicateExecutionException} instead. Without a key the start throws
   * {@link IllegalArgumentException}.
   */
  public StartOptions rejectDuplicate() {
    form.requireOpen();
    this.rejectDuplicate = true;
    return this;
  }

  /**
   * With a {@link #key}: what becomes of the start if the execution with that key has ended, in
   * whatever way. Default {@link IfEnded#RETURN}. One that is parked, or is being compensated, has
   * not ended. Without a key the start throws {@link IllegalArgumentException}.
   */
  public StartOptions ifEnded(IfEnded then) {
    form.requireOpen();
    this.ifEnded = Objects.requireNonNull(then, "then");
    return this;
  }

  /**
   * Starts of this workflow with the same key become one execution as long as it has not begun: it
   * begins {@code wait} after the last of them, by the database clock, with the input of the last.
   * Everything else that a start gives is that of the last one as well, also its tags and its
   * definition. Each of these starts returns the same execution; {@link
   * dev.durable.execution.ExecutionHandle#isNew} is true for the first.
   *
   * <p>The key is the business key of the execution. Once that has begun, the next start makes
   * another execution, which has the key from then on; that may begin before the one before it has
   * ended. A failed one cannot be retried once a later one has the key.
   *
   * <p>A key that {@link #key} gave to an execution which has not ended is refused with {@link
   * dev.durable.execution.DuplicateExecutionException}: its input is not replaced.
   *
   * @throws IllegalArgumentException if the wait is not positive, or for a key as {@link #key}
   *     does; or, after the lambda has returned, if the start also has a {@link #key}, a {@link
   *     #delay}, a time ({@link #at}), or says what becomes of duplicates
   */
  public StartOptions debounce(String key, Duration wait) {
    return debounced(key, wait, null);
  }

  /**
   * {@link #debounce(String, Duration)}, but it begins so long after the first of these starts at
   * the latest.
   *
   * @throws IllegalArgumentException as there; or if {@code atMost} is less than the wait
   */
  public StartOptions debounce(String key, Duration wait, Duration atMost) {
    return debounced(key, wait, Objects.requireNonNull(atMost, "atMost"));
  }

  private StartOptions debounced(String key, Duration wait, @Nullable Duration atMost) {
    form.requireOpen();
    Objects.requireNonNull(wait, "wait");
    this.debounce = new Debounce(requireText(key, "key"), wait, atMost);
    return this;
  }

  /**
   * Another queue than the workflow's.
   *
   * @throws IllegalArgumentException if blank, longer than 500 characters, or with a NUL character
   *     or half a surrogate pair
   */
  public StartOptions queue(String name) {
    form.requireOpen();
    this.queue = requireText(name, "queue");
    return this;
  }

  /**
   * What the execution counts by in a queue that has limits for each key, such as a tenant or a
   * customer: see {@link dev.durable.queue.QueueOptions#perKey perKey}, {@link
   * dev.durable.queue.QueueOptions#ratePerKey ratePerKey} and {@link
   * dev.durable.queue.QueueOptions#fair fair}. Many executions may have the same one. Default:
   * none, which no limit for keys holds back. In a queue without such limits it has no effect, and
   * a warning is logged once.
   *
   * @throws IllegalArgumentException if blank, longer than 500 characters, or with a NUL character
   *     or half a surrogate pair
   */
  public StartOptions limitKey(String key) {
    form.requireOpen();
    this.limitKey = requireText(key, "limitKey");
    return this;
  }

  /** Higher goes first. Default 0. */
  public StartOptions priority(int level) {
    form.requireOpen();
    this.priority = level;
    return this;
  }

  /**
   * Start no earlier than this long after now, by the database clock. If that is after the {@link
   * #deadline}, the execution fails at its deadline without having begun.
   *
   * @throws IllegalArgumentException if negative, or if {@link #at} has been set
   */
  public StartOptions delay(Duration wait) {
    form.requireOpen();
    Objects.requireNonNull(wait, "wait");
    if (wait.isNegative()) {
      throw new IllegalArgumentException("delay must not be negative: " + wait);
    }
    requireOne(at, "delay(…) or at(…)");
    this.delay = wait;
    return this;
  }

  /**
   * Start no earlier than this time, by the database clock. A past time means at once.
   *
   * @throws IllegalArgumentException if {@link #delay} has been set; or, after the lambda has
   *     returned, if it is not before the {@link #deadline}
   */
  public StartOptions at(Instant time) {
    form.requireOpen();
    Objects.requireNonNull(time, "time");
    requireOne(delay, "delay(…) or at(…)");
    this.at = time;
    return this;
  }

  /**
   * The longest time from the (scheduled) start to the end, instead of the workflow's own timeout:
   * then the execution fails with {@code workflow_timeout}. Counts anew after a retry. Children
   * have the timeouts of their workflows.
   *
   * @throws IllegalArgumentException if not positive, or if {@link #deadline} has been set
   */
  public StartOptions timeout(Duration limit) {
    form.requireOpen();
    Objects.requireNonNull(limit, "limit");
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("timeout must be positive: " + limit);
    }
    requireOne(deadline, "timeout(…) or deadline(…)");
    this.timeout = limit;
    return this;
  }

  /**
   * When the execution must have ended, by the database clock, instead of the workflow's timeout:
   * then it fails with {@code workflow_timeout}. After a time that has passed it does nothing at
   * all. It stays where it is if the start is rescheduled. A retry gives it as much time as it had
   * from its (scheduled) start.
   *
   * @throws IllegalArgumentException if {@link #timeout} has been set; or, after the lambda has
   *     returned, if it is not after {@link #at}
   */
  public StartOptions deadline(Instant time) {
    form.requireOpen();
    Objects.requireNonNull(time, "time");
    requireOne(timeout, "timeout(…) or deadline(…)");
    this.deadline = time;
    return this;
  }

  private static void requireOne(@Nullable Object other, String choice) {
    if (other != null) {
      throw new IllegalArgumentException(
          "A start has either " + choice + ": the one would replace the other.");
    }
  }

  /** A delay is measured by the database's clock: whether that passes the deadline is not known. */
  private void requireTimeToRun() {
    if (at != null && deadline != null && !at.isBefore(deadline)) {
      throw new IllegalArgumentException(
          "A start at "
              + at
              + " could never end before its deadline of "
              + deadline
              + ": at(…) must be before deadline(…).");
    }
  }

  private void requireOneKey() {
    if (debounce != null
        && (key != null || rejectDuplicate || ifEnded != null || delay != null || at != null)) {
      throw new IllegalArgumentException(
          "debounce(…) gives a start its key, its due time and its way with duplicates: leave out"
              + " key(…), rejectDuplicate(), ifEnded(…), delay(…) and at(…).");
    }
  }

  /**
   * A label to search by. Several calls add several.
   *
   * @throws IllegalArgumentException if name or value is blank, longer than 500 characters, or with
   *     a NUL character
   */
  public StartOptions tag(String name, String value) {
    form.requireOpen();
    tags.put(requireText(name, "tag name"), requireText(value, "tag value"));
    return this;
  }

  /** The business key, or null. */
  public @Nullable String key() {
    return key;
  }

  /** Whether a second start with the same key is an error. */
  public boolean rejectsDuplicate() {
    return rejectDuplicate;
  }

  /** What the start does if the execution with the key has ended, or null for the default. */
  public @Nullable IfEnded ifEnded() {
    return ifEnded;
  }

  /** How it is debounced, or null. */
  public @Nullable Debounce debounce() {
    return debounce;
  }

  /** The queue, or null for the workflow's. */
  public @Nullable String queue() {
    return queue;
  }

  /** The key that limits count by, or null. */
  public @Nullable String limitKey() {
    return limitKey;
  }

  /** The priority. */
  public int priority() {
    return priority;
  }

  /** The delay, or null. */
  public @Nullable Duration delay() {
    return delay;
  }

  /** The earliest time of start, or null. */
  public @Nullable Instant at() {
    return at;
  }

  /** The longest time to its end, or null for the workflow's. */
  public @Nullable Duration timeout() {
    return timeout;
  }

  /** When it must have ended, or null. */
  public @Nullable Instant deadline() {
    return deadline;
  }

  /** The tags. */
  public Map<String, String> tags() {
    return Map.copyOf(tags);
  }

  static String requireText(String text, String what) {
    Objects.requireNonNull(text, what);
    return IndexedText.require(text, what);
  }
}
