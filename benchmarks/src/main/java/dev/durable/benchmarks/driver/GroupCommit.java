package dev.durable.benchmarks.driver;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Writer threads; each commits together the rows that were offered during its last commit. */
final class GroupCommit implements AutoCloseable {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition offered = lock.newCondition();
  private final ArrayDeque<Row> rows = new ArrayDeque<>();
  private final List<Thread> writers = new ArrayList<>();
  private final int maxBatch;
  private boolean closed;

  GroupCommit(Target target, int writers, int maxBatch, BatchStatement.Opener statements)
      throws SQLException {
    this.maxBatch = maxBatch;
    for (int i = 0; i < writers; i++) {
      Connection connection = target.connect();
      this.writers.add(
          Thread.ofPlatform().name("writer-" + i).start(() -> write(connection, statements)));
    }
  }

  void offer(Row row) {
    lock.lock();
    try {
      rows.add(row);
      offered.signal();
    } finally {
      lock.unlock();
    }
  }

  private void write(Connection connection, BatchStatement.Opener statements) {
    try (connection;
        Statement setting = connection.createStatement()) {
      // As the engine's writers do.
      setting.execute("set enable_seqscan = off; set plan_cache_mode = force_generic_plan");
      write(statements.open(connection));
    } catch (SQLException failure) {
      // Without a writer the turn would hang: end the JVM.
      failure.printStackTrace();
      Runtime.getRuntime().halt(3);
    }
  }

  private void write(BatchStatement opened) throws SQLException {
    try (BatchStatement statement = opened) {
      List<Row> batch = new ArrayList<>(maxBatch);
      while (take(batch)) {
        statement.write(batch);
        batch.forEach(row -> row.next().run());
        batch.clear();
      }
    }
  }

  private boolean take(List<Row> batch) {
    lock.lock();
    try {
      while (rows.isEmpty()) {
        if (closed) {
          return false;
        }
        offered.awaitUninterruptibly();
      }
      for (Row row = rows.poll(); row != null; row = rows.poll()) {
        batch.add(row);
        if (batch.size() == maxBatch) {
          break;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws InterruptedException {
    lock.lock();
    try {
      closed = true;
      offered.signalAll();
    } finally {
      lock.unlock();
    }
    for (Thread writer : writers) {
      writer.join();
    }
  }
}
