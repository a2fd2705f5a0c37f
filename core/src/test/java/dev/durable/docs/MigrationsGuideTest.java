package dev.durable.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.migration.DurableMigration;
import dev.durable.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The snippets of docs/migrations.md, which {@link SnippetsTest} keeps equal to these lines. */
class MigrationsGuideTest {

  private final TestDatabase db = TestDatabase.empty();
  private final DataSource dataSource = db.dataSource();

  @Test
  void adopt() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      DurableMigration.on(connection).prefix("my_app_durable").to(20260107000000L).up();
      connection.commit();
    }
    assertThat(DurableMigration.on(dataSource).prefix("my_app_durable").migratedVersion())
        .isEqualTo(20260107000000L);
  }

  @Test
  void rollBack() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      DurableMigration.on(connection).up();
      DurableMigration.on(connection).to(20260103000000L).down(); // keeps that version
      assertThat(DurableMigration.on(connection).migratedVersion()).isEqualTo(20260103000000L);
      DurableMigration.on(connection).up();
      DurableMigration.on(connection).step(1).down(); // the newest one
      DurableMigration.on(connection).down(); // all of them
    }
    assertThat(DurableMigration.on(dataSource).migratedVersions()).isEmpty();
  }

  @Test
  void scripts(@TempDir Path folder) throws IOException {
    String up = DurableMigration.script("durable").from(20260106000000L).up();
    String down = DurableMigration.script("durable").from(20260106000000L).down();
    Files.writeString(folder.resolve("durable-20260107000000.sql"), "begin;\n" + up + "commit;\n");
    Files.writeString(folder.resolve("durable-20260107000000-down.sql"), down);

    DurableMigration.on(dataSource).to(20260106000000L).up();
    db.script(Files.readString(folder.resolve("durable-20260107000000.sql")));
    assertThat(DurableMigration.on(dataSource).pendingVersions()).isEmpty();
    db.script(Files.readString(folder.resolve("durable-20260107000000-down.sql")));
    assertThat(DurableMigration.on(dataSource).pendingVersions()).hasSize(1);
  }

  @Test
  void check() {
    DurableMigration.on(dataSource).up();
    assertThat(DurableMigration.on(dataSource).pendingVersions()).isEmpty();
    assertThat(DurableMigration.on(dataSource).checksumMismatches()).isEmpty();
  }

  @AfterEach
  void close() {
    db.close();
  }
}
