package dev.durable.migration;

import dev.durable.migration.Version.Mode;
import java.util.ArrayList;
import java.util.List;

/** A library to come, whose migrations are in the test resources; this one is its predecessor. */
final class NextLibrary {

  private static final long OLD = DurableMigration.currentVersion();

  static final Version NOTE = new Version(20990101000000L, "note", Mode.TRANSACTION, OLD);
  static final Version INDEX = new Version(20990102000000L, "note_index", Mode.CONCURRENT, OLD);
  static final Version VALID = new Version(20990103000000L, "origin_valid", Mode.TRANSACTION, OLD);

  /** Tables that libraries before {@link #VALID} use are gone. */
  static final Version GONE =
      new Version(20990104000000L, "note_gone", Mode.TRANSACTION, VALID.number());

  static final List<Version> OWN = List.of(NOTE, INDEX, VALID, GONE);

  private NextLibrary() {}

  /** A library whose newest migration is this one. */
  static Catalogue upTo(Version newest) {
    List<Version> versions = new ArrayList<>(Version.ALL);
    versions.addAll(OWN.subList(0, OWN.indexOf(newest) + 1));
    return new Catalogue(versions);
  }
}
