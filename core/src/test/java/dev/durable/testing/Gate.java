package dev.durable.testing;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Holds a body until the test lets it go on, and tells the test when it has come. */
public final class Gate {

  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch opened = new CountDownLatch(1);

  /** For the body: waits until the gate is open. */
  public void pass() throws InterruptedException {
    reached.countDown();
    opened.await();
  }

  /** For whoever does not listen to interrupts: waits until the gate is open. */
  public void passUninterrupted() {
    while (opened.getCount() > 0) {
      try {
        pass();
      } catch (InterruptedException swallowed) {
        // That is what it is for.
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

  /** Waits for something that only the database, or another thread, can tell. */
  public static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("time left").isNegative();
      LockSupport.parkNanos(2_000_000);
    }
  }
}
