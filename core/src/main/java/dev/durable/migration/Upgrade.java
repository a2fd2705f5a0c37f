package dev.durable.migration;

import java.nio.file.Path;
import java.util.List;

/**
 * A wrapper migration that was written into the host application.
 *
 * @param prefix the PostgreSQL schema
 * @param from the version that it starts from; 0 for a database without Durable
 * @param to the version that it leads to
 * @param files what was written: first the way up, then the way down if that is a file of its own;
 *     then the same for each further part, where some cannot run in a transaction
 */
public record Upgrade(String prefix, long from, long to, List<Path> files) {

  /** Keeps a copy of the list. */
  public Upgrade {
    files = List.copyOf(files);
  }
}
