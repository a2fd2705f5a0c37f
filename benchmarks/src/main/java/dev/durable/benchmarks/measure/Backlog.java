package dev.durable.benchmarks.measure;

import dev.durable.benchmarks.driver.QueueDriver;
import dev.durable.benchmarks.driver.Workload;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The executions in the queue of a {@link QueueDriver}. */
public final class Backlog {

  private static final int LANES = 200;
  private static final int PAUSE_MILLIS = 20;
  private static final long PATIENCE_NANOS = 600_000_000_000L;

  private final Lab lab;
  private final Workload workload;

  public Backlog(Lab lab, Workload workload) {
    this.lab = lab;
    this.workload = workload;
  }

  /** Enqueues executions; returns their number. */
  public int fill(int executions, int maxSeconds) throws Exception {
    try (QueueDriver.Producer producer = lab.queue().producer(lab.target(), workload)) {
      return Load.each(executions, LANES, maxSeconds, producer::enqueue).count();
    }
  }

  /** The number of executions that have not ended. */
  public long unfinished() throws SQLException {
    try (Connection connection = lab.target().connect();
        PreparedStatement query = connection.prepareStatement(lab.queue().unfinished());
        ResultSet row = query.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Waits until all have ended; returns the time of {@link System#nanoTime} then. */
  public long awaitEmpty() throws SQLException, InterruptedException, IOException {
    long patience = System.nanoTime() + PATIENCE_NANOS;
    try (Connection connection = lab.target().connect();
        Statement settings = connection.createStatement();
        PreparedStatement query = connection.prepareStatement(lab.queue().busy())) {
      // With the statistics of a full backlog, a scan of the table would seem the fastest plan.
      settings.execute("set enable_seqscan = off");
      while (isTrue(query)) {
        if (System.nanoTime() - patience > 0) {
          throw new IOException(unfinished() + " executions have not ended after ten minutes");
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
    return System.nanoTime();
  }

  private static boolean isTrue(PreparedStatement query) throws SQLException {
    try (ResultSet row = query.executeQuery()) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
