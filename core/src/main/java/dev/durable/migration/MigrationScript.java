package dev.durable.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The exact SQL between two versions, for dry runs, for migration tools and for the hands of a DBA.
 * It is the text that {@link DurableMigration} runs itself. Immutable: each option returns a
 * changed copy.
 *
 * <p>A script contains neither {@code begin} nor {@code commit}: run it in one transaction, so that
 * a failure leaves nothing and two migrations at once wait for each other. It begins with a check
 * that the schema is at the version it starts from; run a second time it fails, changing nothing.
 *
 * <p>A script that is not {@link #isTransactional} builds indexes concurrently: run it outside a
 * transaction, statement by statement, and again if it was interrupted. {@link #parts} keeps the
 * two kinds apart.
 */
public final class MigrationScript {

  private static final Pattern BUILDS_INDEX =
      Pattern.compile(
          "create\\s+(?:unique\\s+)?index\\s+concurrently\\s+if\\s+not\\s+exists\\s+(\\w+)\\s");

  private final Catalogue catalogue;
  private final Tracking tracking;
  private final long from;
  private final long to;

  MigrationScript(Catalogue catalogue, String prefix, long from, long to) {
    this.catalogue = catalogue;
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
    return between(catalogue.requireKnownOrZero(version), to);
  }

  /**
   * The newer version: where {@link #up} ends and {@link #down} starts. Default: {@link
   * DurableMigration#currentVersion}.
   *
   * @throws IllegalArgumentException if there is no such version; the message lists the known ones
   */
  public MigrationScript to(long version) {
    return between(from, catalogue.requireKnownOrZero(version));
  }

  /** Whether the upgrade runs in a transaction; the way back always does. */
  public boolean isTransactional() {
    return from == 0 || versions().stream().noneMatch(Version::isConcurrent);
  }

  /**
   * The same way in as few scripts as possible, each either in a transaction or outside one, in the
   * order in which they are run. One script from a database without Durable: new tables are empty.
   *
   * @throws IllegalStateException if {@link #from} is newer than {@link #to}
   */
  public List<MigrationScript> parts() {
    List<MigrationScript> parts = new ArrayList<>();
    for (Version version : versions()) {
      MigrationScript last = parts.isEmpty() ? null : parts.getLast();
      if (last != null && (from == 0 || last.isTransactional() != version.isConcurrent())) {
        parts.set(parts.size() - 1, last.between(last.from, version.number()));
      } else {
        parts.add(between(last == null ? from : last.to, version.number()));
      }
    }
    return List.copyOf(parts);
  }

  String prefix() {
    return tracking.prefix();
  }

  /** The version that it starts from. */
  long start() {
    return from;
  }

  /** The version that it leads to. */
  long end() {
    return to;
  }

  private MigrationScript between(long older, long newer) {
    return new MigrationScript(catalogue, tracking.prefix(), older, newer);
  }

  /**
   * The upgrade as one text, which is empty if both versions are the same.
   *
   * @throws IllegalStateException if {@link #from} is newer than {@link #to}, or if only some of
   *     its {@link #parts} run in a transaction
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
   * @throws IllegalStateException if {@link #from} is newer than {@link #to}, or if only some of
   *     its {@link #parts} run in a transaction
   */
  public List<String> upStatements() {
    List<Version> versions = versions();
    if (versions.isEmpty()) {
      return List.of();
    }
    return isTransactional() ? inTransaction(versions) : outsideTransaction(versions);
  }

  private List<String> inTransaction(List<Version> versions) {
    List<String> statements = new ArrayList<>(List.of(tracking.lock(), tracking.limitLockWaits()));
    if (from == 0) {
      statements.add(tracking.createSchema());
      statements.add(tracking.createTable());
    }
    statements.add(tracking.require(from));
    versions.forEach(version -> statements.addAll(up(version, from == 0)));
    return List.copyOf(statements);
  }

  private List<String> outsideTransaction(List<Version> versions) {
    if (!versions.stream().allMatch(Version::isConcurrent)) {
      throw new IllegalStateException(
          "The way from %s to %s has parts that run in a transaction and parts that cannot: take its parts()."
              .formatted(from, to));
    }
    List<String> statements =
        new ArrayList<>(List.of(tracking.lockSessionOrFail(), tracking.require(from)));
    versions.forEach(version -> statements.addAll(concurrently(version)));
    statements.add(tracking.unlockSession());
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
    List<String> statements =
        new ArrayList<>(List.of(tracking.lock(), tracking.limitLockWaits(), tracking.require(to)));
    versions.reversed().forEach(version -> statements.addAll(down(version)));
    if (from == 0) {
      statements.add(tracking.dropTable());
      statements.add(tracking.dropSchemaIfEmpty());
    }
    return List.copyOf(statements);
  }

  List<String> up(Version version, boolean fromNothing) {
    String schema = tracking.schema();
    List<String> statements =
        new ArrayList<>(fromNothing ? version.upFromNothing(schema) : version.up(schema));
    statements.add(tracking.record(version));
    return statements;
  }

  /** Each statement can be repeated: what an interruption left behind is dropped before it. */
  List<String> concurrently(Version version) {
    List<String> statements = new ArrayList<>();
    for (String statement : version.up(tracking.schema())) {
      Matcher index = BUILDS_INDEX.matcher(statement);
      if (index.lookingAt()) {
        statements.add(tracking.dropIfInvalid(index.group(1)));
      }
      statements.add(statement);
    }
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
    return catalogue.between(from, to);
  }

  private static String text(List<String> statements) {
    return statements.isEmpty() ? "" : String.join(";\n\n", statements) + ";\n";
  }
}
