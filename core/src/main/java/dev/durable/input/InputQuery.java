package dev.durable.input;

import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which questions to list. Default: all that are open, the oldest first. Mutable. */
public final class InputQuery {

  private static final int MOST = 1_000;

  private @Nullable UUID execution;
  private @Nullable String workflow;
  private @Nullable String name;
  private @Nullable String assignee;
  private @Nullable InputType type;
  private InputStatus status = InputStatus.PENDING;
  private int limit = 100;

  /** Only those of one execution. */
  public InputQuery execution(UUID id) {
    this.execution = Objects.requireNonNull(id, "id");
    return this;
  }

  /** Only those of one workflow. */
  public InputQuery workflow(String name) {
    this.workflow = Objects.requireNonNull(name, "name");
    return this;
  }

  /** Only those of this name, or at this path. */
  public InputQuery name(String nameOrPath) {
    this.name = Objects.requireNonNull(nameOrPath, "nameOrPath");
    return this;
  }

  /** Only those for a person or group. */
  public InputQuery assignee(String who) {
    this.assignee = Objects.requireNonNull(who, "who");
    return this;
  }

  /** Only one kind. */
  public InputQuery type(InputType kind) {
    this.type = Objects.requireNonNull(kind, "kind");
    return this;
  }

  /** Only those of a status. Default {@link InputStatus#PENDING}. */
  public InputQuery status(InputStatus wanted) {
    this.status = Objects.requireNonNull(wanted, "wanted");
    return this;
  }

  /**
   * How many at most. Default 100.
   *
   * @throws IllegalArgumentException if not between 1 and 1,000
   */
  public InputQuery limit(int most) {
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

  /** Who is asked, if that matters. */
  public Optional<String> assignee() {
    return Optional.ofNullable(assignee);
  }

  /** The kind, if that matters. */
  public Optional<InputType> type() {
    return Optional.ofNullable(type);
  }

  /** The status. */
  public InputStatus status() {
    return status;
  }

  /** How many at most. */
  public int limit() {
    return limit;
  }
}
