package dev.durable.cli.database;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that name one database: URL, user, password and schema. */
public final class DatabaseOptions {

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "jdbc:postgresql://HOST:PORT/DATABASE. Default: " + ConnectionOptions.URL + ".")
  private @Nullable String url;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();

  /** picocli and the commands make it. */
  public DatabaseOptions() {}

  /** The PostgreSQL schema. */
  public String prefix() {
    return connection.prefix();
  }

  /** The named database, or null. */
  public @Nullable Database find() {
    return connection.find(url);
  }

  /**
   * The named database.
   *
   * @throws IllegalArgumentException if neither {@code --url} nor the environment names one
   */
  public Database require() {
    return connection.require(url);
  }
}
