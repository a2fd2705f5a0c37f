package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.NOT_WRITABLE;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.SERVER_FAILED;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/**
 * A PostgreSQL server that this JVM started, or found running, in a data folder.
 *
 * <pre>{@code
 * try (EmbeddedPostgres postgres = EmbeddedPostgres.start(Path.of("data"))) {
 *   DataSource dataSource = postgres.dataSource();
 *   …
 * }
 * }</pre>
 *
 * <p>The server listens on 127.0.0.1 only and wants a random password, which is kept in the data
 * folder, readable by its owner alone. Commits are durable unless asked otherwise. The data
 * survives restarts.
 *
 * <p><b>Who stops the server.</b> It has one owner: the JVM that started it. Another JVM (or
 * another call) that starts on the same folder meanwhile is a guest: it uses the same server, with
 * the settings and the port that it has, and its {@link #close()} leaves the server alone. When the
 * owner was killed, the next one to start finds the server, becomes its owner, and restarts it only
 * if it wants other settings. {@link EmbeddedPostgresBuilder#stopOnClose} overrides all that.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private final Server server;
  private final String password;
  private final boolean reused;
  private final boolean owner;
  private final boolean temporary;
  private final boolean stopOnClose;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Postmaster postmaster;

  EmbeddedPostgres(Server server, Launch launch, boolean temporary, boolean stopOnClose) {
    this.server = server;
    this.password = launch.password();
    this.postmaster = launch.postmaster();
    this.reused = launch.reused();
    this.owner = launch.owner();
    this.temporary = temporary;
    this.stopOnClose = stopOnClose;
  }

  /**
   * Starts a server with the defaults of {@link #builder()}.
   *
   * @param dataDir the data folder; made when it does not exist
   * @return the server, ready for connections
   * @throws EmbeddedPostgresException if there is no server to be had; its reason and message say
   *     why
   */
  public static EmbeddedPostgres start(Path dataDir) {
    return builder().dataDir(dataDir).start();
  }

  /**
   * Starts a fast, non-durable server in a temporary folder, for tests. The folder is deleted when
   * it is closed or the JVM exits; after a killed JVM, by the next call.
   *
   * @return the server, ready for connections
   * @throws EmbeddedPostgresException if there is no server to be had; its reason and message say
   *     why
   */
  public static EmbeddedPostgres temporary() {
    return builder().durable(false).startTemporary();
  }

  /**
   * Returns a builder: durable, any free port, PostgreSQL from the class path.
   *
   * @return a new builder
   */
  public static EmbeddedPostgresBuilder builder() {
    return new EmbeddedPostgresBuilder();
  }

  static EmbeddedPostgres open(Options options) {
    DataFolder folder = DataFolder.open(options.folder());
    Path programs = options.binaries() == null ? BinariesArchive.unpacked() : options.binaries();
    Binaries binaries = Binaries.in(programs, folder.userIsRoot());
    Server server = new Server(folder, binaries, options.settings());
    if (options.temporary()) {
      TemporaryFolders.clearLeftOvers(folder, binaries);
    }
    Launch launch = Launch.of(server, options.port());
    boolean stop = options.stopOnClose() == null ? launch.owner() : options.stopOnClose();
    EmbeddedPostgres opened = new EmbeddedPostgres(server, launch, options.temporary(), stop);
    if (options.temporary()) {
      Runtime.getRuntime().addShutdownHook(new Thread(opened::close, "durable-embedded-stop"));
    }
    return opened;
  }

  /**
   * Returns a source of connections to the database {@code postgres}. It does not pool.
   *
   * @return a new data source
   */
  public DataSource dataSource() {
    return dataSource(Login.DATABASE);
  }

  /**
   * Returns a source of connections to a database. It does not pool.
   *
   * @param database the database's name
   * @return a new data source
   */
  public DataSource dataSource(String database) {
    Objects.requireNonNull(database, "database");
    return new Login(port(), password).dataSource(database);
  }

  /**
   * Returns the JDBC URL of a database, without user and password.
   *
   * @param database the database's name
   * @return a URL for pgjdbc
   */
  public String jdbcUrl(String database) {
    Objects.requireNonNull(database, "database");
    return "jdbc:postgresql://127.0.0.1:"
        + port()
        + "/"
        + URLEncoder.encode(database, StandardCharsets.UTF_8);
  }

  /**
   * Returns the name of the superuser.
   *
   * @return the user to connect as
   */
  public String user() {
    return Server.USER;
  }

  /**
   * Returns the superuser's password.
   *
   * @return the password
   */
  public String password() {
    return password;
  }

  /**
   * Returns the port on 127.0.0.1. It stays the same over {@link #restart()}, and may be another
   * one after the next start of the data folder.
   *
   * @return the port
   */
  public int port() {
    return postmaster.port();
  }

  /**
   * Returns the process id of the server's main process.
   *
   * @return the process id
   */
  public long processId() {
    return postmaster.pid();
  }

  /**
   * Returns whether the server was running already when this object was made.
   *
   * @return false if this call started it
   */
  public boolean isReused() {
    return reused;
  }

  /**
   * Returns the major version of PostgreSQL.
   *
   * @return such as 18
   */
  public int majorVersion() {
    return server.binaries().major();
  }

  /**
   * Returns the data folder.
   *
   * @return its real path
   */
  public Path dataDir() {
    return server.folder().root();
  }

  /**
   * Makes an empty database.
   *
   * @param name its name, taken as it is
   * @return a source of connections to it
   * @throws EmbeddedPostgresException if the server refuses, for instance as it exists
   */
  public DataSource createDatabase(String name) {
    execute("create database " + quoted(name));
    return dataSource(name);
  }

  /**
   * Makes a database as a copy of another one, to which no session may be connected.
   *
   * @param name its name, taken as it is
   * @param template the name of the database to copy
   * @return a source of connections to it
   * @throws EmbeddedPostgresException if the server refuses, for instance as the template is in use
   */
  public DataSource createDatabase(String name, String template) {
    execute("create database " + quoted(name) + " template " + quoted(template));
    return dataSource(name);
  }

  /**
   * Drops a database if it exists, and ends the connections to it.
   *
   * @param name its name, taken as it is
   * @throws EmbeddedPostgresException if the server refuses
   */
  public void dropDatabase(String name) {
    execute("drop database if exists " + quoted(name) + " with (force)");
  }

  /**
   * Restarts the server on the same port. Open connections end; data sources stay valid.
   *
   * @throws EmbeddedPostgresException if it cannot be stopped or started
   */
  public void restart() {
    try (FolderLock lock = FolderLock.acquire(server.folder().lock())) {
      int port = port();
      server.stop(Server.Stop.FAST);
      postmaster = server.start(port);
    }
  }

  /**
   * Stops the server, even one that another process owns. Open connections end. Does nothing if it
   * does not run.
   *
   * @throws EmbeddedPostgresException if it cannot be stopped
   */
  public void stop() {
    try (FolderLock lock = FolderLock.acquire(server.folder().lock())) {
      server.stop(temporary ? Server.Stop.IMMEDIATE : Server.Stop.FAST);
    }
  }

  /**
   * Lets go of the server; stops it if this JVM owns it (see above). A temporary folder is deleted.
   * Does nothing the second time.
   *
   * @throws EmbeddedPostgresException if it cannot be stopped
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    // A test may have interrupted its thread; the server is to be stopped all the same.
    boolean interrupted = Thread.interrupted();
    try {
      end();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void end() {
    if (stopOnClose) {
      stop();
    } else if (owner) {
      disown();
    }
    if (temporary && stopOnClose) {
      TemporaryFolders.delete(dataDir());
    }
  }

  @Override
  public String toString() {
    return "PostgreSQL " + majorVersion() + " in " + dataDir() + " on 127.0.0.1:" + port();
  }

  /** Lets the next one that starts in this folder be the owner, be it in this JVM. */
  private void disown() {
    try {
      Files.deleteIfExists(server.folder().owner());
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          NOT_WRITABLE, "Cannot write to " + dataDir() + ": " + e.getMessage(), e);
    }
  }

  private void execute(String sql) {
    try (Connection connection = dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new EmbeddedPostgresException(
          SERVER_FAILED, "The server refused '" + sql + "': " + e.getMessage(), e);
    }
  }

  private static String quoted(String identifier) {
    if (identifier.isEmpty() || identifier.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("Not a database name: '" + identifier + "'");
    }
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
