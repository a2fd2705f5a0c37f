package dev.durable.benchmarks.measure;

import static dev.durable.benchmarks.driver.Session.NO_LISTENER;

import dev.durable.benchmarks.driver.Session;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs a fixed number of executions, or other work, at a time. */
public final class Load {

  /** The share of the time that compilers may take once the JVM is warm. */
  private static final double QUIET = 0.1;

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private Load() {}

  /** One piece of work, with a number of its own. */
  public interface Work {
    void run(int number) throws Exception;
  }

  /**
   * The finished work.
   *
   * @param count the number of pieces
   * @param seconds the time for all of them
   */
  public record Done(int count, double seconds) {
    double perSecond() {
      return count / seconds;
    }
  }

  /** Runs executions, that many at a time, and begins no more after the given time. */
  public static Done executions(Session session, int executions, int inFlight, int maxSeconds)
      throws Exception {
    return each(executions, inFlight, maxSeconds, n -> session.execute(n, NO_LISTENER));
  }

  /** The compilers of a JVM. */
  public interface Compilers {

    /** The time that they have worked so far. */
    long millis() throws Exception;
  }

  /** A round that warms up. */
  public interface Round {
    Done run() throws Exception;
  }

  /** Runs executions until the JVM compiles almost nothing more. */
  public static void warmUp(Session session, int steps, int inFlight, Sizes sizes)
      throws Exception {
    warmUp(sizes, () -> executions(session, sizes.warmUp(steps), inFlight, sizes.maxSeconds()));
  }

  /** Runs rounds until this JVM compiles almost nothing more. */
  public static void warmUp(Sizes sizes, Round round) throws Exception {
    warmUp(sizes, ManagementFactory.getCompilationMXBean()::getTotalCompilationTime, round);
  }

  /**
   * Runs rounds until a JVM compiles almost nothing more. Before that, its compilers take a third
   * of the counted processor time, and more for drivers with more code.
   */
  public static void warmUp(Sizes sizes, Compilers compilers, Round round) throws Exception {
    double seconds = 0;
    double busy;
    do {
      long before = compilers.millis();
      Done done = round.run();
      seconds += done.seconds();
      busy = (compilers.millis() - before) / 1e3 / done.seconds();
    } while (busy > QUIET && seconds < sizes.warmUpSeconds());
  }

  /** Does the work that many times, within the given time. */
  public static Done each(int times, int inFlight, int maxSeconds, Work work) throws Exception {
    AtomicInteger left = new AtomicInteger(times);
    AtomicInteger done = new AtomicInteger();
    long begin = System.nanoTime();
    long end = begin + maxSeconds * 1_000_000_000L;
    Callable<Void> lane =
        () -> {
          while (left.getAndDecrement() > 0 && System.nanoTime() - end < 0) {
            work.run(NUMBER.incrementAndGet());
            done.incrementAndGet();
          }
          return null;
        };
    try (ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> running = new ArrayList<>();
      for (int i = 0; i < inFlight; i++) {
        running.add(lanes.submit(lane));
      }
      for (Future<Void> each : running) {
        each.get();
      }
    }
    return new Done(done.get(), (System.nanoTime() - begin) / 1e9);
  }
}
