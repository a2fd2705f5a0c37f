package dev.durable.benchmarks;

import static dev.durable.benchmarks.Session.NO_LISTENER;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps a number of executions in flight. */
final class Load {

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private Load() {}

  /** Runs executions, that many at a time; returns how many seconds it took. */
  static double seconds(Session session, int executions, int inFlight) throws Exception {
    AtomicInteger left = new AtomicInteger(executions);
    Callable<Void> lane =
        () -> {
          while (left.getAndDecrement() > 0) {
            session.execute(NUMBER.incrementAndGet(), NO_LISTENER);
          }
          return null;
        };
    long begin = System.nanoTime();
    try (ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> running = new ArrayList<>();
      for (int i = 0; i < inFlight; i++) {
        running.add(lanes.submit(lane));
      }
      for (Future<Void> each : running) {
        each.get();
      }
    }
    return (System.nanoTime() - begin) / 1e9;
  }
}
