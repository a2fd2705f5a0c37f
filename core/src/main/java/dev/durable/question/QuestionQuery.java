package dev.durable.question;

import dev.durable.internal.form.Form;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which questions to list. Default: all that are open, the oldest first. A form: it can be changed
 * until the lambda that receives it has returned. Not thread-safe.
 */
public final class QuestionQuery {

  private static final int MOST = 1_000;

  private final Form form = new Form();
  private @Nullable UUID execution;
  private @Nullable String workflow;
  private @Nullable String name;
  private List<String> assignees = List.of();
  private @Nullable QuestionType type;
  private QuestionStatus status = QuestionStatus.PENDING;
  private int limit = 100;

  private QuestionQuery() {}

  /** The query that the lambda fills in. */
  public static QuestionQuery of(Consumer<? super QuestionQuery> filter) {
    Objects.requireNonNull(filter, "filter");
    QuestionQuery query = new QuestionQuery();
    return query.form.filledIn(query, filter);
  }

  /** Only those of one execution. */
  public QuestionQuery execution(UUID id) {
    form.requireOpen();
    this.execution = Objects.requireNonNull(id, "id");
    return this;
  }

  /** Only those of one workflow. */
  public QuestionQuery workflow(String name) {
    form.requireOpen();
    this.workflow = Objects.requireNonNull(name, "name");
    return this;
  }

  /** Only those of this name, or at this path. */
  public QuestionQuery name(String nameOrPath) {
    form.requireOpen();
    this.name = Objects.requireNonNull(nameOrPath, "nameOrPath");
    return this;
  }

  /**
   * Only those that have one of these people and groups among their assignees, such as a person and
   * the groups that it belongs to.
   *
   * @throws IllegalArgumentException if none is named
   */
  public QuestionQuery assignee(String... anyOf) {
    form.requireOpen();
    Objects.requireNonNull(anyOf, "anyOf");
    if (anyOf.length == 0) {
      throw new IllegalArgumentException("assignee needs at least one person or group.");
    }
    this.assignees = List.of(anyOf);
    return this;
  }

  /** Only one kind. */
  public QuestionQuery type(QuestionType kind) {
    form.requireOpen();
    this.type = Objects.requireNonNull(kind, "kind");
    return this;
  }

  /** Only those of a status. Default {@link QuestionStatus#PENDING}. */
  public QuestionQuery status(QuestionStatus wanted) {
    form.requireOpen();
    this.status = Objects.requireNonNull(wanted, "wanted");
    return this;
  }

  /**
   * How many at most. Default 100.
   *
   * @throws IllegalArgumentException if not between 1 and 1,000
   */
  public QuestionQuery limit(int most) {
    form.requireOpen();
    if (most < 1 || most > MOST) {
      throw new IllegalArgumentException("limit must be between 1 and " + MOST + ": " + most);
    }
    this.limit = most;
    return this;
  }

  /** The execution, if only one's are wanted. */
  public Optional<UUID> execution() {
    return Optional.ofNullable(execution);
  }

  /** The workflow, if only one's are wanted. */
  public Optional<String> workflow() {
    return Optional.ofNullable(workflow);
  }

  /** The name or path, if that matters. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** The people and groups of which one is asked; empty if that does not matter. */
  public List<String> assignees() {
    return assignees;
  }

  /** The kind, if that matters. */
  public Optional<QuestionType> type() {
    return Optional.ofNullable(type);
  }

  /** The status. */
  public QuestionStatus status() {
    return status;
  }

  /** How many at most. */
  public int limit() {
    return limit;
  }
}
