package dev.durable.embedded;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says how an embedded PostgreSQL is to be started. Not thread-safe. */
public final class EmbeddedPostgresBuilder {
  private @Nullable Path dataDir;
  private @Nullable Path binaries;
  private @Nullable Boolean stopOnClose;
  private boolean durable = true;
  private int port;
  private final Map<String, String> settings = new HashMap<>();

  EmbeddedPostgresBuilder() {}

  /**
   * Sets the data folder. It is made when it does not exist; otherwise it must be empty or hold the
   * data of an embedded PostgreSQL. Required, unless {@link #startTemporary()} is used.
   *
   * @param folder the folder
   * @return this builder
   */
  public EmbeddedPostgresBuilder dataDir(Path folder) {
    this.dataDir = Objects.requireNonNull(folder, "folder");
    return this;
  }

  /**
   * Sets whether a commit is on the disk when it is acknowledged ({@code fsync}, {@code
   * synchronous_commit}, {@code full_page_writes}). Default: true. With false, tests run faster,
   * and a crash of the machine (not of a process) may destroy the data.
   *
   * @param durable whether commits survive a crash of the machine
   * @return this builder
   */
  public EmbeddedPostgresBuilder durable(boolean durable) {
    this.durable = durable;
    return this;
  }

  /**
   * Sets the port on 127.0.0.1. Default: 0, any free one.
   *
   * @param port 0 to 65535
   * @return this builder
   * @throws IllegalArgumentException if it is not the number of a port
   */
  public EmbeddedPostgresBuilder port(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("Not a port: " + port);
    }
    this.port = port;
    return this;
  }

  /**
   * Sets a PostgreSQL setting, such as {@code shared_buffers} to {@code 1GB}. Given twice, the last
   * one holds.
   *
   * @param name the setting's name
   * @param value its value, as in {@code postgresql.conf} but without quotes
   * @return this builder
   * @throws IllegalArgumentException if the name is malformed or not free to choose (the port, the
   *     addresses), or the value has a line break
   */
  public EmbeddedPostgresBuilder setting(String name, String value) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(value, "value");
    Settings.check(name, value);
    settings.put(name, value);
    return this;
  }

  /**
   * Uses an installed PostgreSQL instead of the one on the class path.
   *
   * @param folder the folder with {@code bin/initdb}, {@code bin/pg_ctl} and {@code bin/postgres}
   * @return this builder
   */
  public EmbeddedPostgresBuilder binaries(Path folder) {
    this.binaries = Objects.requireNonNull(folder, "folder");
    return this;
  }

  /**
   * Sets whether {@link EmbeddedPostgres#close()} stops the server. By default it does if this JVM
   * owns the server: it started it, or found it running with its owner gone.
   *
   * @param stop whether to stop the server
   * @return this builder
   */
  public EmbeddedPostgresBuilder stopOnClose(boolean stop) {
    this.stopOnClose = stop;
    return this;
  }

  /**
   * Starts the server, or finds the one that runs in the data folder.
   *
   * @return the server, ready for connections
   * @throws IllegalStateException if no data folder was given
   * @throws EmbeddedPostgresException if there is no server to be had; its reason and message say
   *     why
   */
  public EmbeddedPostgres start() {
    Path folder = dataDir;
    if (folder == null) {
      throw new IllegalStateException("No data folder: call dataDir(Path) or startTemporary()");
    }
    return EmbeddedPostgres.open(options(folder, false));
  }

  /**
   * Starts a server in a temporary folder, which is deleted when it is closed or the JVM exits.
   *
   * @return the server, ready for connections
   * @throws IllegalStateException if a data folder was given
   * @throws EmbeddedPostgresException if there is no server to be had; its reason and message say
   *     why
   */
  public EmbeddedPostgres startTemporary() {
    if (dataDir != null) {
      throw new IllegalStateException("Both dataDir(Path) and startTemporary(): choose one");
    }
    return EmbeddedPostgres.open(options(TemporaryFolders.create(), true));
  }

  private Options options(Path folder, boolean temporary) {
    return new Options(
        folder, temporary, port, new Settings(durable, settings), binaries, stopOnClose);
  }
}
