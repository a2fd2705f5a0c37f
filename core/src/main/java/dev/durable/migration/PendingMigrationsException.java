package dev.durable.migration;

import dev.durable.DurableException;
import java.util.List;

/** The schema's version is not the library's. */
public class PendingMigrationsException extends DurableException {

  private static final long serialVersionUID = 1L;

  private final long migratedVersion;
  private final transient List<Long> pendingVersions;

  PendingMigrationsException(String message, long migratedVersion, List<Long> pendingVersions) {
    super(message);
    this.migratedVersion = migratedVersion;
    this.pendingVersions = List.copyOf(pendingVersions);
  }

  static PendingMigrationsException older(
      String prefix, long migrated, long known, List<Long> pending) {
    boolean usual = prefix.equals(DurableMigration.DEFAULT_PREFIX);
    String option = usual ? "" : " --prefix='" + prefix.replace("'", "'\\''") + "'";
    String call = usual ? "" : ".prefix(" + WrapperFiles.javaLiteral(prefix) + ")";
    String message =
        """
        Durable schema "%s" is at version %s; this library needs %s (%s pending: %s).
        Generate the upgrade, then run your migrations:
          durable gen-upgrade%s
        or paste it into a migration:
          DurableMigration.on(connection)%s.to(%sL).up();
        Ask a database:
          durable migrations%s --check
        For a demo or a test, DurableBuilder.migrate(true) applies it at the start."""
            .formatted(
                prefix, migrated, known, pending.size(), pending, option, call, known, option);
    return new PendingMigrationsException(message, migrated, pending);
  }

  static PendingMigrationsException newer(
      String prefix, long migrated, long known, long compatibleFrom) {
    return new PendingMigrationsException(
        "Durable schema \"%s\" is at version %s, newer than this library's %s, and can be used from %s on. Use the version of Durable that the schema was migrated with, or a newer one."
            .formatted(prefix, migrated, known, compatibleFrom),
        migrated,
        List.of());
  }

  /** The newest version that the schema has; 0 when none. */
  public long migratedVersion() {
    return migratedVersion;
  }

  /** What the schema lacks; empty when it is newer than the library. */
  public List<Long> pendingVersions() {
    return pendingVersions;
  }
}
