package dev.durable.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.migration.DurableMigration;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A database of its own for each test, and the command in an empty folder. */
public abstract class CommandTest {

  /** The first version of the tables. */
  protected static final long FIRST = 20260103000000L;

  private static final EmbeddedPostgres SERVER = EmbeddedPostgres.temporary();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir protected Path folder;
  protected DataSource dataSource;
  protected String url;

  @BeforeEach
  protected void createDatabase() {
    String name = "cli_" + NUMBER.incrementAndGet();
    dataSource = SERVER.createDatabase(name);
    url = SERVER.jdbcUrl(name);
  }

  /** The command with the credentials in its environment. */
  protected Cli cli() {
    return anonymous()
        .with("DURABLE_USER", SERVER.user())
        .with("DURABLE_PASSWORD", SERVER.password());
  }

  /** The command without any credentials. */
  protected Cli anonymous() {
    return new Cli(folder);
  }

  protected static String user() {
    return SERVER.user();
  }

  protected static String password() {
    return SERVER.password();
  }

  protected DurableMigration durable() {
    return DurableMigration.on(dataSource).log(System.Logger.Level.OFF);
  }

  protected void sql(String sql) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  protected static Cli.Result assertOk(Cli.Result result) {
    assertThat(result.exitCode()).as(result.err()).isZero();
    return result;
  }
}
