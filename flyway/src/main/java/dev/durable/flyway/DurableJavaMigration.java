package dev.durable.flyway;

import dev.durable.migration.DurableMigration;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * Brings Durable's tables to a version, as one of the host application's own Flyway migrations. The
 * application names a class after its place in the order and gives it the version:
 *
 * <pre>{@code
 * package db.migration;
 *
 * public class V7__Add_durable extends DurableJavaMigration {
 *   public V7__Add_durable() {
 *     super(20260104000000L);
 *   }
 * }
 * }</pre>
 *
 * <p>It runs in Flyway's transaction: a failure leaves nothing. A version that builds indexes
 * concurrently runs outside it, and is run again after an interruption. Versions that the database
 * has already are left alone.
 */
public abstract class DurableJavaMigration extends BaseJavaMigration {

  private final String prefix;
  private final long version;

  /**
   * For the default schema, {@value DurableMigration#DEFAULT_PREFIX}.
   *
   * @param version the version of Durable's tables to migrate to, inclusive; one of {@link
   *     DurableMigration#allVersions}
   * @throws IllegalArgumentException if there is no such version
   */
  protected DurableJavaMigration(long version) {
    this(DurableMigration.DEFAULT_PREFIX, version);
  }

  /**
   * For any schema.
   *
   * @param prefix the PostgreSQL schema, as its plain name
   * @param version the version of Durable's tables to migrate to, inclusive; one of {@link
   *     DurableMigration#allVersions}
   * @throws IllegalArgumentException if there is no such version, or the prefix is not 1 to 63
   *     bytes of UTF-8 without NUL
   */
  protected DurableJavaMigration(String prefix, long version) {
    DurableMigration.previousVersion(version);
    this.prefix = DurableMigration.requirePrefix(prefix);
    this.version = version;
  }

  /**
   * Applies what is pending up to the version.
   *
   * @throws dev.durable.migration.MigrationException if the database refuses
   */
  @Override
  public void migrate(Context context) {
    DurableMigration.on(context.getConnection()).prefix(prefix).to(version).up();
  }

  /** False for a version that builds indexes concurrently. */
  @Override
  public boolean canExecuteInTransaction() {
    return DurableMigration.isTransactional(version);
  }

  /** Changes with the schema and the version, so Flyway notices an edited migration. */
  @Override
  public Integer getChecksum() {
    return (version + " " + prefix).hashCode();
  }
}
