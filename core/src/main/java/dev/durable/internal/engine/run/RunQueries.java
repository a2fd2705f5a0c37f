package dev.durable.internal.engine.run;

import dev.durable.internal.store.client.QuestionStore;
import dev.durable.internal.store.client.WaitStore;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.OwnedDeadlineStore;
import dev.durable.question.OpenQuestion;
import dev.durable.question.QuestionQuery;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The questions that a run asks the database while it is on its way. */
public final class RunQueries {

  private final OwnedDeadlineStore deadlines;
  private final WaitStore waits;
  private final QuestionStore questions;
  private final Consumer<UUID> mailbox;

  /**
   * @param mailbox delivers to a run whatever has been sent to its execution by now
   */
  public RunQueries(
      OwnedDeadlineStore deadlines,
      WaitStore waits,
      QuestionStore questions,
      Consumer<UUID> mailbox) {
    this.deadlines = deadlines;
    this.waits = waits;
    this.questions = questions;
    this.mailbox = mailbox;
  }

  /** The time until an execution's deadline; null if it has none, or another owner. */
  public @Nullable Duration untilDeadline(Ownership owner) {
    return deadlines.untilDeadline(owner);
  }

  /** The time until a wait's row is due, by the database's clock; not negative. */
  public Duration untilDue(UUID execution, int seq) {
    return Duration.of(Math.max(0, waits.microsUntilDue(execution, seq)), ChronoUnit.MICROS);
  }

  /** Ends a wait whose time is up. If signals decided it before, they are in the mailbox then. */
  public WaitStore.Expiry expire(Ownership owner, int seq) {
    WaitStore.Expiry expiry = waits.expire(owner, seq);
    if (expiry == WaitStore.Expiry.DECIDED) {
      collect(owner.id());
    }
    return expiry;
  }

  /** Delivers to a run whatever has been sent to its execution by now. */
  public void collect(UUID execution) {
    mailbox.accept(execution);
  }

  /** The open question at a path, or null. */
  public @Nullable OpenQuestion question(UUID execution, String path) {
    return questions.list(QuestionQuery.of(with -> with.execution(execution).name(path))).stream()
        .filter(question -> question.path().equals(path))
        .findFirst()
        .orElse(null);
  }
}
