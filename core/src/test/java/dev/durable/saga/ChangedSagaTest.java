package dev.durable.saga;

import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F9.3")
@DisplayName("The list of things to undo is fixed when undoing begins")
@Tag("newest")
class ChangedSagaTest {

  private static final String FLIGHT = "undo flight";
  private static final String HOTEL = "undo hotel";
  private static final String FEE = "undo fee";

  private final TestDatabase db;
  private final ConcurrentLinkedQueue<String> undone = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean mended = new AtomicBoolean();

  ChangedSagaTest(TestDatabase db) {
    this.db = db;
  }

  /** The names of the handlers; null is none. */
  record Handlers(String flight, String fee, String hotel, String extra) {
    static final Handlers FIRST = new Handlers(FLIGHT, FEE, HOTEL, null);
  }

  /** The first three have been undone, or failed to be, in reverse order when it rests. */
  private Workflow<String, String> trip(Handlers handlers) {
    WorkflowBuilder<String, String> trip =
        Workflow.define("trip", String.class)
            .step(
                "extra",
                (String s) -> s,
                with -> {
                  if (handlers.extra != null) {
                    with.compensate(handlers.extra, s -> undone.add(handlers.extra));
                  }
                })
            .step(
                "flight",
                (String s, dev.durable.workflow.StepContext<String> step) ->
                    step.run(
                        "fee",
                        String.class,
                        () -> s,
                        with -> {
                          if (handlers.fee != null) {
                            with.compensate(handlers.fee, fee -> undone.add(handlers.fee));
                          }
                        }),
                with -> {
                  if (handlers.flight != null) {
                    with.compensate(
                        handlers.flight,
                        s -> undo(handlers.flight),
                        c -> c.retry(RetryPolicy.constant(Duration.ofHours(1))));
                  }
                })
            .step(
                "hotel",
                (String s) -> s,
                with -> {
                  if (handlers.hotel != null) {
                    with.compensate(handlers.hotel, s -> undone.add(handlers.hotel));
                  }
                })
            .step(
                "fail",
                (String s) -> {
                  throw new IllegalStateException("full");
                });
    return trip.build();
  }

  private void undo(String handler) {
    if (!mended.get()) {
      throw new IllegalStateException("not yet");
    }
    undone.add(handler);
  }

  /** The hotel has been undone, the flight could not be yet. */
  private UUID halfUndone() {
    try (Durable durable = start(Handlers.FIRST)) {
      UUID id = durable.start(trip(Handlers.FIRST), "a").id();
      Gate.until(
          () ->
              db.number(
                      "select count(*) from durable.workflow_executions where id = ?"
                          + " and status = 'compensating' and locked_by is null"
                          + " and wake_at > now() + interval '1 minute'",
                      id)
                  == 1);
      return id;
    }
  }

  private Durable start(Handlers handlers) {
    return db.start(trip(handlers));
  }

  private void wake(UUID id) {
    mended.set(true);
    db.makeDue(id);
  }

  private static Execution until(Durable durable, UUID id, ExecutionStatus status) {
    untilStatus(durable, id, status);
    return durable.find(id).orElseThrow();
  }

  /** What is done to the definition while the execution rests, and whether it can go on. */
  @SuppressWarnings("ImmutableEnumChecker") // A record of strings is immutable.
  enum Edit {
    NONE(Handlers.FIRST, null),
    RENAMED_WHAT_WAS_UNDONE(new Handlers(FLIGHT, FEE, "cancel hotel", null), null),
    REMOVED_WHAT_WAS_UNDONE(new Handlers(FLIGHT, FEE, null, null), null),
    ADDED(new Handlers(FLIGHT, FEE, HOTEL, "undo extra"), null),
    RENAMED_THE_NEXT(new Handlers("cancel flight", FEE, HOTEL, null), FLIGHT),
    REMOVED_THE_NEXT(new Handlers(null, FEE, HOTEL, null), FLIGHT),
    SWAPPED(new Handlers(HOTEL, FEE, FLIGHT, null), FLIGHT);

    final Handlers handlers;
    final String missing;

    Edit(Handlers handlers, String missing) {
      this.handlers = handlers;
      this.missing = missing;
    }
  }

  @ParameterizedTest
  @EnumSource(Edit.class)
  @Proves("F9.3")
  @DisplayName(
      "Handlers renamed, removed or added while undoing: none runs twice, none is left out")
  void handlersChange(Edit edit) {
    UUID id = halfUndone();
    wake(id);
    if (edit.missing != null) {
      try (Durable durable = start(edit.handlers)) {
        Execution parked = until(durable, id, ExecutionStatus.PARKED);
        assertThat(parked.error().type()).isEqualTo(ErrorInfo.DEFINITION_CHANGED);
        assertThat(parked.error().message()).contains("'" + edit.missing + "'");
      }
    }
    Handlers fitting = edit.missing == null ? edit.handlers : Handlers.FIRST;
    try (Durable durable = start(fitting)) {
      // What was parked goes on by itself.
      Execution end = until(durable, id, ExecutionStatus.COMPENSATED);
      assertThat(undone).containsExactly(HOTEL, FLIGHT, FEE);
      assertThat(end.compensations())
          .extracting(CompensationResult::handler)
          .containsExactly(HOTEL, FLIGHT, FEE);
      assertThat(end.error().message()).isEqualTo("full");
    }
  }

  @Test
  @Proves("F9.2")
  @DisplayName("A worker that takes over a compensating execution keeps its error")
  void takeoverKeepsTheError() {
    UUID id = halfUndone();
    db.giveTo(db.createLostWorker(), id);
    try (Durable durable = start(Handlers.FIRST)) {
      Gate.until(
          () ->
              db.number(
                      "select count(*) from durable.workflow_executions where id = ?"
                          + " and locked_by is null and recoveries = 1"
                          + " and wake_at > now() + interval '1 minute'",
                      id)
                  == 1);
      assertThat(durable.find(id).orElseThrow().error().message()).isEqualTo("full");
      wake(id);
      assertThat(until(durable, id, ExecutionStatus.COMPENSATED).error().message())
          .isEqualTo("full");
    }
  }
}
