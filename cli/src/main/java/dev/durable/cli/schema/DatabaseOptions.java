package dev.durable.cli.schema;

import dev.durable.cli.migrate.Database;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where one database is, who asks, and about which schema. */
final class DatabaseOptions {

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "jdbc:postgresql://HOST:PORT/DATABASE. Default: " + ConnectionOptions.URL + ".")
  private @Nullable String url;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();

  String prefix() {
    return connection.prefix();
  }

  /** The database that is named, or null. */
  @Nullable Database find() {
    return connection.find(url);
  }

  /**
   * The database that is named.
   *
   * @throws IllegalArgumentException if none is
   */
  Database require() {
    return connection.require(url);
  }
}
