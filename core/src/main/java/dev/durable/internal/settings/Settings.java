package dev.durable.internal.settings;

import dev.durable.json.JsonCodec;
import java.time.Duration;

/** What the builder decided, with the defaults. Copied once, then read only. */
public final class Settings {

  public String schema = "durable";
  public String nodeName = defaultNodeName();
  public JsonCodec codec = JsonCodec.jackson();
  public Duration lease = Duration.ofSeconds(10);
  public Duration heartbeat = Duration.ofSeconds(2);
  public Duration pollInterval = Duration.ofSeconds(3);
  public Duration drainTime = Duration.ofSeconds(10);
  public Duration showRunningAfter = Duration.ofSeconds(1);
  public boolean notifications = true;
  public int maxRecoveries = 5;
  public long softPayloadBytes = 1L << 20;
  public long hardPayloadBytes = 64L << 20;

  /** A copy that later changes to this one do not reach. */
  public Settings copy() {
    Settings copy = new Settings();
    copy.schema = schema;
    copy.nodeName = nodeName;
    copy.codec = codec;
    copy.lease = lease;
    copy.heartbeat = heartbeat;
    copy.pollInterval = pollInterval;
    copy.drainTime = drainTime;
    copy.showRunningAfter = showRunningAfter;
    copy.notifications = notifications;
    copy.maxRecoveries = maxRecoveries;
    copy.softPayloadBytes = softPayloadBytes;
    copy.hardPayloadBytes = hardPayloadBytes;
    return copy;
  }

  private static String defaultNodeName() {
    String host = System.getenv().getOrDefault("HOSTNAME", "node");
    return host + "-" + ProcessHandle.current().pid();
  }
}
