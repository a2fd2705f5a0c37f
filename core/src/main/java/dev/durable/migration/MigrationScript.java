package dev.durable.migration;

import java.util.ArrayList;
import java.util.List;

/**
 * The exact SQL between two versions, for dry runs, for migration tools and for the hands of a DBA.
 * It is the text that {@link DurableMigration} runs itself. Immutable: each option returns a
 * changed copy.
 *
 * <p>A script contains neither {@code begin} nor {@code commit}: run it in one transaction, so that
 * a failure leaves nothing and two migrations at once wait for each other. It begins with a check
 * that the schema is at the version it starts from; run a second time it fails, changing nothing.
 */
public final class MigrationScript {

  private final Tracking tracking;
  private final long from;
  private final long to;

  MigrationScript(String prefix, long from, long to) {
    this.tracking = new Tracking(DurableMigration.requirePrefix(prefix));
    this.from = from;
    this.to = to;
  }

  /**
   * The older version: where {@link #up} starts and {@link #down} ends. Default 0, a database
   * without Durable.
   *
   * @throws IllegalArgumentException if there is no such version; the message lists the known ones
   */
  public MigrationScript from(long version) {
    return new MigrationScript(tracking.prefix(), Version.requireKnownOrZero(version), to);
  }

  /**
   * The newer version: where {@link #up} ends and {@link #down} starts. Default: {@link
   * DurableMigration#currentVersion}.
   *
   * @throws IllegalArgumentException if there is no such version; the message lists the known ones
   */
  public MigrationScript to(long version) {
    return new MigrationScript(tracking.prefix(), from, Version.requireKnownOrZero(version));
  }

  /**
   * The upgrade as one text, which is empty if both versions are the same.
   *
   * @throws IllegalStateException if {@link #from} is newer than {@link #to}
   */
  public String up() {
    return text(upStatements());
  }

  /**
   * The way back as one text, which is empty if both versions are the same.
   *
   * @throws IllegalStateException if {@link #from} is newer than {@link #to}
   */
  public String down() {
    return text(downStatements());
  }

  /**
   * The upgrade, statement by statement, without semicolons at their ends.
   *
   * @throws IllegalStateException if {@link #from} is newer than {@link #to}
   */
  public List<String> upStatements() {
    List<Version> versions = versions();
    if (versions.isEmpty()) {
      return List.of();
    }
    List<String> statements = new ArrayList<>(List.of(tracking.lock()));
    if (from == 0) {
      statements.add(tracking.createSchema());
      statements.add(tracking.createTable());
    }
    statements.add(tracking.require(from));
    versions.forEach(version -> statements.addAll(up(version)));
    return List.copyOf(statements);
  }

  /**
   * The way back, statement by statement, without semicolons at their ends.
   *
   * @throws IllegalStateException if {@link #from} is newer than {@link #to}
   */
  public List<String> downStatements() {
    List<Version> versions = versions();
    if (versions.isEmpty()) {
      return List.of();
    }
    List<String> statements = new ArrayList<>(List.of(tracking.lock(), tracking.require(to)));
    versions.reversed().forEach(version -> statements.addAll(down(version)));
    if (from == 0) {
      statements.add(tracking.dropTable());
      statements.add(tracking.dropSchemaIfEmpty());
    }
    return List.copyOf(statements);
  }

  List<String> up(Version version) {
    List<String> statements = new ArrayList<>(version.up(tracking.schema()));
    statements.add(tracking.record(version));
    return statements;
  }

  List<String> down(Version version) {
    List<String> statements = new ArrayList<>(version.down(tracking.schema()));
    statements.add(tracking.forget(version));
    return statements;
  }

  private List<Version> versions() {
    if (from > to) {
      throw new IllegalStateException(
          "A script leads from an older version to a newer one, not from "
              + from
              + " to "
              + to
              + ".");
    }
    return Version.ALL.stream()
        .filter(version -> version.number() > from && version.number() <= to)
        .toList();
  }

  private static String text(List<String> statements) {
    return statements.isEmpty() ? "" : String.join(";\n\n", statements) + ";\n";
  }
}
