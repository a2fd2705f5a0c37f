package dev.durable.testing;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Holds a body until the test lets it continue, and lets the test wait for its arrival. */
public final class Gate {

  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch opened = new CountDownLatch(1);

  /** For the body: waits until the gate is open. */
  public void pass() throws InterruptedException {
    reached.countDown();
    opened.await();
  }

  /** As a body: waits until the gate is open, and returns its input. */
  public <T> T hold(T input) throws InterruptedException {
    pass();
    return input;
  }

  /** For bodies that ignore interrupts: waits until the gate is open. */
  public void passUninterrupted() {
    while (opened.getCount() > 0) {
      try {
        pass();
      } catch (InterruptedException swallowed) {
        // Interrupts are ignored on purpose.
      }
    }
  }

  /** Opens the gate for good. */
  public void open() {
    opened.countDown();
  }

  /** Waits until a body stands at the gate. */
  public void awaitReached() {
    try {
      assertThat(reached.await(SOON.toSeconds(), TimeUnit.SECONDS)).as("reached").isTrue();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  /** Polls for a condition of the database or of another thread. */
  public static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("time left").isNegative();
      LockSupport.parkNanos(2_000_000);
    }
  }
}
