package db.migration;

import dev.durable.flyway.DurableJavaMigration;

public class V4__Upgrade_durable extends DurableJavaMigration {
  public V4__Upgrade_durable() {
    super(20260107000000L);
  }
}
