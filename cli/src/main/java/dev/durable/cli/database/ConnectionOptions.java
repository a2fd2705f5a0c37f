package dev.durable.cli.database;

import dev.durable.migration.DurableMigration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options for user, password and schema. An option takes precedence over the environment; a
 * user in the URL takes precedence over both user and password of the environment.
 */
public final class ConnectionOptions {

  /** The environment variable that names the database; help texts refer to it. */
  public static final String URL = "DURABLE_URL";

  static final String USER = "DURABLE_USER";
  static final String PASSWORD = "DURABLE_PASSWORD";
  static final String PREFIX = "DURABLE_PREFIX";

  private static final String ASK = "";

  private final Map<String, String> environment = System.getenv();

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description = "The database user. Default: " + USER + ", else what the URL says.")
  private @Nullable String user;

  @Option(
      names = "--password",
      paramLabel = "PASSWORD",
      arity = "0..1",
      fallbackValue = ASK,
      description = {
        "Without a value, asks for the password, or reads it from a pipe. Default: "
            + PASSWORD
            + ", else what the URL or the password file (~/.pgpass) says."
      })
  private @Nullable String password;

  @Option(
      names = "--prefix",
      paramLabel = "SCHEMA",
      description = "The PostgreSQL schema. Default: " + PREFIX + ", else durable.")
  private @Nullable String prefix;

  private @Nullable String answer;

  /** picocli and {@link DatabaseOptions} make it. */
  public ConnectionOptions() {}

  /** The PostgreSQL schema. */
  public String prefix() {
    String chosen = prefix == null ? environment(PREFIX) : prefix;
    return chosen == null ? DurableMigration.DEFAULT_PREFIX : chosen;
  }

  /** The database of an option, else that of the environment, else null. */
  @Nullable Database find(@Nullable String option) {
    String url = option == null ? environment(URL) : option;
    return url == null ? null : database(url);
  }

  /**
   * The database of an option, else that of the environment.
   *
   * @throws IllegalArgumentException if neither names one
   */
  public Database require(@Nullable String option) {
    Database database = find(option);
    if (database == null) {
      throw new IllegalArgumentException(
          "Which database? Give --url jdbc:postgresql://HOST:PORT/DATABASE, or set " + URL + ".");
    }
    return database;
  }

  private Database database(String url) {
    boolean named = Database.namesUser(url);
    return new Database(
        url,
        user == null && !named ? environment(USER) : user,
        password == null && !named ? environment(PASSWORD) : password());
  }

  private @Nullable String password() {
    if (password == null || !password.equals(ASK)) {
      return password;
    }
    if (answer == null) {
      answer = PasswordPrompt.ask();
    }
    return answer;
  }

  /** An empty variable counts as not set. */
  private @Nullable String environment(String name) {
    String value = environment.get(name);
    return value == null || value.isEmpty() ? null : value;
  }
}
