package db.migration;

import dev.durable.flyway.DurableJavaMigration;

public class V2__Add_durable extends DurableJavaMigration {
  public V2__Add_durable() {
    super(20260103000000L);
  }
}
