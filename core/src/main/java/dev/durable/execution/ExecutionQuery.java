package dev.durable.execution;

import dev.durable.internal.form.Form;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which executions to list. All conditions must hold. Newest first (by id). A form: it can be
 * changed until the lambda that receives it has returned. Not thread-safe.
 */
public final class ExecutionQuery {

  /** The largest page: 1,000. */
  public static final int MAX_LIMIT = 1_000;

  private static final String NIL = "00000000-0000-0000-0000-000000000000";
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final Form form = new Form();
  private @Nullable String workflow;
  private @Nullable String key;
  private @Nullable String keyHistory;
  private @Nullable String queue;
  private @Nullable String schedule;
  private @Nullable String idPrefix;
  private List<ExecutionStatus> statuses = List.of();
  private final Map<String, String> tags = new LinkedHashMap<>();
  private @Nullable Instant since;
  private @Nullable Instant until;
  private @Nullable UUID after;
  private int limit = 50;

  /** Every execution, 50 to a page. */
  private ExecutionQuery() {}

  /** The query that the lambda fills in. */
  public static ExecutionQuery of(Consumer<? super ExecutionQuery> filter) {
    Objects.requireNonNull(filter, "filter");
    ExecutionQuery query = new ExecutionQuery();
    return query.form.filledIn(query, filter);
  }

  /** Only of this workflow. */
  public ExecutionQuery workflow(String name) {
    form.requireOpen();
    this.workflow = Objects.requireNonNull(name, "name");
    return this;
  }

  /** Only with this business key: of each workflow one, the newest that was started with it. */
  public ExecutionQuery key(String businessKey) {
    form.requireOpen();
    this.key = Objects.requireNonNull(businessKey, "businessKey");
    return this;
  }

  /**
   * Only with this business key now, or until a later start with {@link
   * dev.durable.IfEnded#RESTART} took it.
   */
  public ExecutionQuery keyHistory(String businessKey) {
    form.requireOpen();
    this.keyHistory = Objects.requireNonNull(businessKey, "businessKey");
    return this;
  }

  /** Only in this queue. */
  public ExecutionQuery queue(String name) {
    form.requireOpen();
    this.queue = Objects.requireNonNull(name, "name");
    return this;
  }

  /** Only those that this schedule has started. */
  public ExecutionQuery schedule(String name) {
    form.requireOpen();
    this.schedule = Objects.requireNonNull(name, "name");
    return this;
  }

  /** Only in one of these statuses. */
  public ExecutionQuery status(ExecutionStatus... any) {
    form.requireOpen();
    this.statuses = List.of(Objects.requireNonNull(any, "any"));
    return this;
  }

  /** Only with this tag; several calls must all match. */
  public ExecutionQuery tag(String name, String value) {
    form.requireOpen();
    tags.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /**
   * Only with an id that begins so, such as {@code 01a20790-3f}; a walk along the primary key,
   * however many executions there are.
   *
   * @throws IllegalArgumentException if it is not the beginning of a UUID
   */
  public ExecutionQuery idPrefix(String prefix) {
    form.requireOpen();
    String lower = Objects.requireNonNull(prefix, "prefix").toLowerCase(Locale.ROOT);
    if (lower.isEmpty()
        || lower.length() > NIL.length()
        || !ID.matcher(lower + NIL.substring(lower.length())).matches()) {
      throw new IllegalArgumentException("'" + prefix + "' is not the beginning of a UUID.");
    }
    this.idPrefix = lower;
    return this;
  }

  /** Only stored at this time or later. */
  public ExecutionQuery since(Instant from) {
    form.requireOpen();
    this.since = Objects.requireNonNull(from, "from");
    return this;
  }

  /** Only stored before this time. */
  public ExecutionQuery until(Instant to) {
    form.requireOpen();
    this.until = Objects.requireNonNull(to, "to");
    return this;
  }

  /**
   * Only what comes after this id in the list: {@link Page#next()} of the page before. Null begins
   * at the top.
   */
  public ExecutionQuery after(@Nullable UUID id) {
    form.requireOpen();
    this.after = id;
    return this;
  }

  /**
   * How many rows a page has. Default 50.
   *
   * @throws IllegalArgumentException if not between 1 and {@value #MAX_LIMIT}
   */
  public ExecutionQuery limit(int rows) {
    form.requireOpen();
    if (rows < 1 || rows > MAX_LIMIT) {
      throw new IllegalArgumentException("limit must be between 1 and " + MAX_LIMIT + ": " + rows);
    }
    this.limit = rows;
    return this;
  }

  /** The workflow's name, or null for any. */
  public @Nullable String workflow() {
    return workflow;
  }

  /** The business key, or null for any. */
  public @Nullable String key() {
    return key;
  }

  /** The business key of now or of former times, or null for any. */
  public @Nullable String keyHistory() {
    return keyHistory;
  }

  /** The queue, or null for any. */
  public @Nullable String queue() {
    return queue;
  }

  /** The schedule, or null for any. */
  public @Nullable String schedule() {
    return schedule;
  }

  /** The beginning of the id, or null for any. */
  public @Nullable String idPrefix() {
    return idPrefix;
  }

  /** The statuses; empty for any. */
  public List<ExecutionStatus> statuses() {
    return statuses;
  }

  /** The tags that must all match. */
  public Map<String, String> tags() {
    return Map.copyOf(tags);
  }

  /** The earliest time of storing, or null. */
  public @Nullable Instant since() {
    return since;
  }

  /** The first time of storing that is too late, or null. */
  public @Nullable Instant until() {
    return until;
  }

  /** The id after which the page begins, or null. */
  public @Nullable UUID after() {
    return after;
  }

  /** How many rows a page has. */
  public int limit() {
    return limit;
  }
}
