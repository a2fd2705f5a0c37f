package dev.durable.maven;

import dev.durable.cli.database.Database;
import dev.durable.cli.database.NoConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.jspecify.annotations.Nullable;

/** A goal that works on databases. */
abstract class DatabaseGoal extends DurableGoal {

  /**
   * The JDBC URL of the database, {@code jdbc:postgresql://HOST:PORT/DATABASE}; or several, with
   * commas between them.
   */
  @Parameter(property = "durable.url")
  private @Nullable String url;

  /** Further databases, for configuration in the POM. */
  @Parameter private List<String> urls = List.of();

  /** The database user. Takes precedence over the server of the settings. */
  @Parameter(property = "durable.user")
  private @Nullable String user;

  /** The password. It is safer in the settings: see {@code serverId}. */
  @Parameter(property = "durable.password")
  private @Nullable String password;

  /** The id of a {@code server} in Maven's settings, whose user name and password are used. */
  @Parameter(property = "durable.serverId")
  private @Nullable String serverId;

  @Parameter(defaultValue = "${settings}", readonly = true, required = true)
  @SuppressWarnings("NullAway.Init") // Maven sets it.
  private Settings settings;

  @Inject
  @SuppressWarnings("NullAway.Init") // Maven sets it.
  private SettingsDecrypter decrypter;

  /** Runs the work for each database, in the order in which they were named. */
  final void forEachDatabase(Consumer<Database> work) throws MojoFailureException {
    List<Database> databases = databases();
    if (databases.isEmpty()) {
      throw new MojoFailureException(
          "Name the database: -Ddurable.url=jdbc:postgresql://HOST:PORT/DATABASE, or <url> in the plugin's configuration.");
    }
    for (Database database : databases) {
      try {
        work.accept(database);
      } catch (NoConnectionException unavailable) {
        throw new MojoFailureException(unavailable.getMessage() + hint(database), unavailable);
      }
    }
  }

  /** All named databases. */
  final List<Database> databases() throws MojoFailureException {
    Credentials credentials = Credentials.of(user, password);
    if (serverId != null) {
      credentials = credentials.orElse(Credentials.ofServer(serverId, settings, decrypter));
    }
    List<Database> databases = new ArrayList<>();
    for (String each : DatabaseUrls.of(url, urls)) {
      databases.add(new Database(each, credentials.user(), credentials.password()));
    }
    return databases;
  }

  private static String hint(Database database) {
    return database.password() == null
        ? "\nNo password was given. Use -Ddurable.serverId with the id of a <server> in Maven's settings, or -Ddurable.user and -Ddurable.password."
        : "";
  }
}
