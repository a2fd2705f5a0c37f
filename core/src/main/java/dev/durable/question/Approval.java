package dev.durable.question;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to an approval.
 *
 * @param approved whether it was approved
 * @param by who decided, as {@link Questions#answer} was told, whatever the answer itself says;
 *     null if the name is empty, or the timeout decided
 * @param comment why, or null
 */
public record Approval(boolean approved, @Nullable String by, @Nullable String comment) {

  /** Approved by a person. */
  public static Approval approved(String by) {
    return new Approval(true, Objects.requireNonNull(by, "by"), null);
  }

  /** Approved by a person, with a comment. */
  public static Approval approved(String by, String comment) {
    return new Approval(
        true, Objects.requireNonNull(by, "by"), Objects.requireNonNull(comment, "comment"));
  }

  /** Rejected by a person, with a comment. */
  public static Approval rejected(String by, String comment) {
    return new Approval(
        false, Objects.requireNonNull(by, "by"), Objects.requireNonNull(comment, "comment"));
  }

  /** Rejected by no one in particular, for a reason: for timeouts. */
  public static Approval rejectedBecause(String comment) {
    return new Approval(false, null, Objects.requireNonNull(comment, "comment"));
  }
}
