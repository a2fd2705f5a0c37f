package dev.durable.internal.service;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

@Proves("F2.2")
@DisplayName("A thread of the engine")
class ServiceThreadTest {

  private static final Duration LIMIT = Duration.ofMillis(20);

  private final Services services = new Services("test", LIMIT);

  static Stream<Throwable> everyThrowable() {
    return Stream.of(
        new OutOfMemoryError("of a test"),
        new StackOverflowError(),
        new NoClassDefFoundError("Missing"),
        new AssertionError("of a test"),
        new Error("of a test"),
        new SQLException("of a test"),
        new InterruptedException(),
        new IllegalStateException("of a test"),
        new NullPointerException());
  }

  @ParameterizedTest
  @MethodSource("everyThrowable")
  void goesOnAfterAnything(Throwable failure) throws InterruptedException {
    AtomicInteger rounds = new AtomicInteger();
    CountDownLatch third = new CountDownLatch(3);
    ServiceThread service =
        services.start(
            "fails",
            self -> {
              third.countDown();
              if (rounds.incrementAndGet() < 3) {
                ServiceThreadTest.<RuntimeException>sneak(failure);
              }
              return true;
            });
    assertThat(third.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(services.troubles()).isEmpty();
    service.stop();
    assertThat(service.join(SOON)).isTrue();
    assertThat(services.troubles()).as("it was meant to end").isEmpty();
  }

  @Test
  void goesOnAfterAnInterruptThatWasNotMeantForIt() throws InterruptedException {
    CountDownLatch after = new CountDownLatch(2);
    Gate first = new Gate();
    ServiceThread service =
        services.start(
            "interrupted",
            self -> {
              first.pass();
              after.countDown();
              return self.pause(TimeUnit.MILLISECONDS.toNanos(20));
            });
    first.awaitReached();
    service.interrupt();
    first.open();
    Gate.until(() -> after.getCount() == 1);
    service.interrupt();
    assertThat(after.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    service.stop();
    assertThat(service.join(SOON)).isTrue();
  }

  @Test
  void thatStandsStillIsToldWithItsStack() {
    Gate gate = new Gate();
    ServiceThread service =
        services.start(
            "hangs",
            self -> {
              gate.passUninterrupted();
              return false;
            });
    Gate.until(() -> !services.troubles().isEmpty());
    assertThat(services.troubles())
        .singleElement()
        .satisfies(
            trouble -> {
              assertThat(trouble.toString()).contains("test-hangs", "stood still");
              assertThat(trouble.stack()).contains("passUninterrupted");
            });
    gate.open();
    assertThat(service.join(SOON)).isTrue();
    assertThat(services.troubles()).isEmpty();
  }

  @Test
  void thatRestsMayDoSoForAsLongAsItLikes() throws InterruptedException {
    AtomicLong begun = new AtomicLong();
    ServiceThread service =
        services.start(
            "rests",
            self -> {
              begun.set(System.nanoTime());
              return self.pause(TimeUnit.DAYS.toNanos(1));
            });
    Gate.until(() -> begun.get() != 0 && System.nanoTime() - begun.get() > 10 * LIMIT.toNanos());
    assertThat(services.troubles()).isEmpty();
    service.stop();
    assertThat(service.join(SOON)).isTrue();
  }

  @Test
  void thatIsGoneIsTold() throws InterruptedException {
    Pulse pulse = services.pulse("executors");
    Thread.ofPlatform()
        .start(
            () -> {
              pulse.adopt();
              pulse.beat();
            })
        .join();
    assertThat(services.troubles()).singleElement().hasToString("thread test-executors is gone");
    pulse.end();
    assertThat(services.troubles()).isEmpty();
  }

  @Test
  @Proves("F2.2")
  @DisplayName("A stalled timer is reported, and one that rests, fails or ends is not")
  void watchesTimers() {
    CountDownLatch hanging = new CountDownLatch(1);
    Timers timers = services.timers("timers");
    timers.execute(
        () -> {
          throw new LinkageError("of a test");
        });
    timers.execute(() -> letPass(hanging));
    Gate.until(() -> !services.troubles().isEmpty());
    assertThat(services.troubles())
        .singleElement()
        .asString()
        .startsWith("thread test-timers has stood still for");
    hanging.countDown();
    Gate.until(() -> services.troubles().isEmpty());
    timers.shutdownNow();
    Gate.until(timers::isTerminated);
    assertThat(services.troubles()).isEmpty();
  }

  private static void letPass(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void cleansUpWhateverHappens() {
    CountDownLatch cleaned = new CountDownLatch(1);
    ServiceThread service =
        services.start(
            "cleans",
            self -> false,
            () -> {
              cleaned.countDown();
              throw new OutOfMemoryError("of a test");
            });
    assertThat(service.join(SOON)).isTrue();
    assertThat(cleaned.getCount()).isZero();
    assertThat(services.troubles()).isEmpty();
  }

  @Test
  @Proves("F13.1")
  @DisplayName("It logs once in ten seconds, and an error of the JVM once for each kind")
  void complainsSeldom() {
    AtomicLong clock = new AtomicLong();
    FailureLog complaints =
        new FailureLog(LoggerFactory.getLogger(ServiceThreadTest.class), clock::get);
    assertThat(complaints.log("Failed", new SQLException("away"))).isTrue();
    for (int i = 0; i < 100; i++) {
      clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(99));
      assertThat(complaints.log("Failed", new IllegalStateException("away"))).isFalse();
    }
    assertThat(complaints.log("Failed", new OutOfMemoryError())).isTrue();
    assertThat(complaints.log("Failed", new OutOfMemoryError())).isFalse();
    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
    assertThat(complaints.log("Failed", new SQLException("away"))).isTrue();
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable failure) throws T {
    throw (T) failure;
  }
}
