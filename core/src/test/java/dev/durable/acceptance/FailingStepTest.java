package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
class FailingStepTest {

  private final TestDatabase db;

  FailingStepTest(TestDatabase db) {
    this.db = db;
  }

  /** A workflow whose second step throws the supplier's exception. */
  private static Workflow<String, String> throwing(Callable<? extends Throwable> supplier) {
    return Workflow.define("throwing", String.class)
        .step("before", text -> text)
        .step(
            "throws",
            text -> {
              FailingStepTest.<RuntimeException>sneakily(supplier.call());
              return text;
            })
        .build();
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void sneakily(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private ErrorInfo errorOf(Callable<? extends Throwable> supplier) {
    Workflow<String, String> workflow = throwing(supplier);
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      ExecutionFailedException failure =
          catchThrowableOfType(ExecutionFailedException.class, () -> handle.result(SOON));
      assertThat(failure).isNotNull();

      Execution execution = durable.find(handle.id()).orElseThrow();
      assertThat(execution.status()).isEqualTo(ExecutionStatus.FAILED);
      assertThat(execution.worker()).isNull();
      assertThat(execution.error()).isEqualTo(failure.error());
      assertThat(execution.completedAt()).isNotNull();
      List<StepExecution> steps = durable.steps(handle.id());
      assertThat(steps).extracting(StepExecution::path).containsExactly("before", "throws");
      assertThat(steps.get(1).status()).isEqualTo(StepStatus.FAILED);
      assertThat(steps.get(1).error()).isEqualTo(failure.error());
      return failure.error();
    }
  }

  private static class Hostile extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Hostile() {
      super("hidden");
    }
  }

  @Nested
  @Proves({"B-26", "R-135", "R-145", "R-148"})
  @DisplayName("Any Throwable of a step is stored")
  class WhateverAStepThrows {

    @Test
    @Proves({"R-095", "R-135"})
    @DisplayName("An exception is stored with its type, message and step")
    void anException() {
      ErrorInfo error = errorOf(() -> new IllegalArgumentException("no such item"));
      assertThat(error.type()).isEqualTo("java.lang.IllegalArgumentException");
      assertThat(error.message()).isEqualTo("no such item");
      assertThat(error.step()).isEqualTo("throws");
      assertThat(error.stackTrace()).contains("FailingStepTest");
    }

    @Test
    void aCheckedException() {
      assertThat(errorOf(() -> new java.io.IOException("gone")).type())
          .isEqualTo("java.io.IOException");
    }

    @Test
    void anError() {
      assertThat(errorOf(() -> new AssertionError("never")).message()).isEqualTo("never");
      assertThat(errorOf(() -> new NoClassDefFoundError("x")).type())
          .isEqualTo("java.lang.NoClassDefFoundError");
    }

    @Test
    void endlessRecursion() {
      assertThat(errorOf(FailingStepTest::recurse).type())
          .isEqualTo("java.lang.StackOverflowError");
    }

    @Test
    void anInterruptThatNobodySent() {
      assertThat(errorOf(() -> new InterruptedException("mine")).type())
          .isEqualTo("java.lang.InterruptedException");
    }

    @Test
    void aMessageThatIsNull() {
      assertThat(errorOf(() -> new IllegalStateException()).message()).isEqualTo("(no message)");
    }

    @Test
    void aMessageThatThrows() {
      assertThat(
              errorOf(
                      () ->
                          new Hostile() {
                            private static final long serialVersionUID = 1L;

                            @Override
                            public String getMessage() {
                              throw new IllegalStateException("not even that");
                            }
                          })
                  .message())
          .contains("IllegalStateException");
    }

    @Test
    void aMessageThatThrowsAnError() {
      assertThat(
              errorOf(
                      () ->
                          new Hostile() {
                            private static final long serialVersionUID = 1L;

                            @Override
                            public String getMessage() {
                              throw new NoClassDefFoundError("not even that");
                            }
                          })
                  .message())
          .contains("NoClassDefFoundError");
    }

    @Test
    void aCauseThatThrows() {
      assertThat(
              errorOf(
                      () ->
                          new Hostile() {
                            private static final long serialVersionUID = 1L;

                            @Override
                            public synchronized Throwable getCause() {
                              throw new IllegalStateException("not even that");
                            }
                          })
                  .message())
          .isEqualTo("hidden");
    }

    @Test
    void aStackTraceThatIsNull() {
      assertThat(
              errorOf(
                      () ->
                          new Hostile() {
                            private static final long serialVersionUID = 1L;

                            @Override
                            public StackTraceElement[] getStackTrace() {
                              return null;
                            }
                          })
                  .message())
          .isEqualTo("hidden");
    }

    @Test
    void causesThatGoInACircle() {
      ErrorInfo error =
          errorOf(
              () -> {
                Exception one = new IllegalStateException("one");
                Exception two = new IllegalStateException("two", one);
                one.initCause(two);
                return one;
              });
      assertThat(error.message()).isEqualTo("one");
      assertThat(error.stackTrace()).contains("caused by java.lang.IllegalStateException: two");
    }

    @Test
    void textThatPostgresCannotStore() {
      ErrorInfo error = errorOf(() -> new IllegalStateException("a\0b\uD800c\uDC00d"));
      assertThat(error.message()).isEqualTo("a\uFFFDb\uFFFDc\uFFFDd");
    }

    @Test
    void aMessageOfMegabytes() {
      String huge = "x".repeat(3_999) + "\uD83D\uDE00" + "y".repeat(5_000_000);
      ErrorInfo error = errorOf(() -> new IllegalStateException(huge));
      assertThat(error.message()).hasSizeLessThan(4_100).endsWith("… [cut]");
      assertThat(error.stackTrace()).hasSizeLessThan(4_100);
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static Throwable recurse() {
    return recurse();
  }

  @Test
  @DisplayName("An Error in one body harms no other execution")
  void anErrorHarmsNoOtherExecution() {
    Workflow<Integer, Integer> mixed =
        Workflow.define("mixed", Integer.class)
            .step(
                "maybe",
                number -> {
                  if (number % 3 == 0) {
                    throw new StackOverflowError();
                  }
                  return number;
                })
            .build();
    try (Durable durable = db.start(mixed)) {
      List<ExecutionHandle<Integer>> handles =
          durable.startAll(mixed, IntStream.range(0, 60).boxed().toList(), (n, o) -> {});
      for (int i = 0; i < 60; i++) {
        ExecutionHandle<Integer> handle = handles.get(i);
        if (i % 3 == 0) {
          assertThatThrownBy(() -> handle.result(SOON))
              .isInstanceOf(ExecutionFailedException.class);
        } else {
          assertThat(handle.result(SOON)).isEqualTo(i);
        }
      }
    }
  }

  @Test
  @Proves("R-136")
  @DisplayName("A body that interrupts its own thread completes all the same")
  void aBodyThatInterruptsItselfCompletes() {
    Workflow<String, String> workflow =
        Workflow.define("interrupts_itself", String.class)
            .step(
                "one",
                (text, step) -> {
                  Thread.currentThread().interrupt();
                  String effect = step.run("effect", String.class, () -> "e");
                  Thread.currentThread().interrupt();
                  return text + effect;
                })
            .transaction(
                "two",
                (text, tx) -> {
                  Thread.currentThread().interrupt();
                  return text + "2";
                })
            .step("three", text -> text + Thread.currentThread().isInterrupted())
            .build();
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("xe2false");
    }
  }

  @Nested
  class NullAsAResult {

    @Test
    @Proves({"R-093", "R-096"})
    @DisplayName("It fails the step at once, with the remedy")
    void failsTheStep() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> workflow =
          Workflow.define("null_result", String.class)
              .step(
                  "gives_null",
                  text -> {
                    calls.incrementAndGet();
                    return (String) null;
                  },
                  with -> with.retry(RetryPolicy.constant(Duration.ZERO)))
              .build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON))
            .isInstanceOf(ExecutionFailedException.class)
            .hasMessageContaining("'gives_null' returned null")
            .hasMessageContaining("Void");
        assertThat(calls).hasValue(1);
      }
    }

    @Test
    @Proves("R-096")
    @DisplayName("A Void step returns it")
    @SuppressWarnings("VoidUsed") // That it is null is what is asserted.
    void isRightForVoid() {
      AtomicBoolean saw = new AtomicBoolean();
      Workflow<String, Void> workflow =
          Workflow.define("void", String.class)
              .step("nothing", Void.class, text -> null)
              .step(
                  "still_nothing",
                  Void.class,
                  nothing -> {
                    saw.set(nothing == null);
                    return null;
                  })
              .build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<Void> handle = durable.start(workflow, "x");
        assertThat(handle.result(SOON)).isNull();
        assertThat(saw).isTrue();
        assertThat(durable.find(handle.id()).orElseThrow().output()).isEqualTo("null");
      }
    }

    @Test
    void failsAnEffect() {
      Workflow<String, String> workflow =
          Workflow.of(
              "null_effect",
              String.class,
              String.class,
              (in, step) -> step.run("mail", String.class, () -> null));
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON))
            .hasMessageContaining("'body/mail' returned null");
      }
    }
  }
}
