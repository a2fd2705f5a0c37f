package dev.durable.internal.settings;

import dev.durable.TransactionBinding;
import dev.durable.json.JsonCodec;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The builder's settings, with their defaults. Copied once, then only read. */
public final class Settings {

  private static final Duration WITH_HINTS = Duration.ofSeconds(5);
  private static final Duration WITHOUT_HINTS = Duration.ofSeconds(1);
  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(5);

  public String schema = "durable";
  public String workerName = defaultWorkerName();
  public JsonCodec codec = JsonCodec.jackson();
  public Duration lease = Duration.ofSeconds(10);
  public Duration heartbeat = Duration.ofSeconds(2);
  public @Nullable Duration pollInterval;
  public Duration drainTime = Duration.ofSeconds(10);
  public Duration showRunningAfter = Duration.ofSeconds(1);
  public boolean notifications = true;
  public int maxRecoveries = 5;
  public @Nullable TransactionBinding transactions;
  public long softPayloadBytes = 1L << 20;
  public long hardPayloadBytes = 64L << 20;

  /** The longest pause between two looks for work: as set, or longer with hints than without. */
  public Duration pollInterval() {
    if (pollInterval != null) {
      return pollInterval;
    }
    return notifications ? WITH_HINTS : WITHOUT_HINTS;
  }

  /**
   * The time the engine waits for one answer of the database before it tries another connection.
   */
  public Duration patience() {
    return lease.compareTo(LEAST_PATIENCE) < 0 ? LEAST_PATIENCE : lease;
  }

  /**
   * The time for one piece of work of the engine's own threads, after which the thread counts as
   * standing still. It may wait for several answers of the database in a row.
   */
  public Duration standstill() {
    return patience().multipliedBy(3);
  }

  /** A copy, independent of later changes to this one. */
  public Settings copy() {
    Settings copy = new Settings();
    copy.schema = schema;
    copy.workerName = workerName;
    copy.codec = codec;
    copy.lease = lease;
    copy.heartbeat = heartbeat;
    copy.pollInterval = pollInterval;
    copy.drainTime = drainTime;
    copy.showRunningAfter = showRunningAfter;
    copy.notifications = notifications;
    copy.maxRecoveries = maxRecoveries;
    copy.transactions = transactions;
    copy.softPayloadBytes = softPayloadBytes;
    copy.hardPayloadBytes = hardPayloadBytes;
    return copy;
  }

  private static String defaultWorkerName() {
    String host = System.getenv().getOrDefault("HOSTNAME", "worker");
    return host + "-" + ProcessHandle.current().pid();
  }
}
