package dev.durable.migration;

import static dev.durable.migration.DurableMigration.allVersions;
import static dev.durable.migration.DurableMigration.currentVersion;
import static dev.durable.migration.DurableMigration.previousVersion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class VersionListTest {

  private static final long FIRST = 20260103000000L;
  private static final Path RESOURCES = Path.of("src/main/resources/dev/durable/migration");

  /** Nothing here gets as far as a connection. */
  private final DataSource nowhere = new HikariDataSource();

  @Test
  @Proves("R-375")
  @DisplayName("The current version is the last known one")
  void theCurrentVersionIsTheLastKnownOne() {
    assertThat(allVersions()).startsWith(FIRST).isSorted().doesNotHaveDuplicates();
    assertThat(currentVersion()).isEqualTo(allVersions().getLast());
  }

  @Test
  @Proves("R-376")
  @DisplayName("The previous version")
  void thePreviousVersion() {
    assertThat(previousVersion(FIRST)).isZero();
    assertThat(previousVersion(allVersions().get(1))).isEqualTo(FIRST);
    assertThat(previousVersion()).isEqualTo(allVersions().get(allVersions().size() - 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> previousVersion(7))
        .withMessageContainingAll("7", String.valueOf(FIRST));
  }

  @Test
  @Proves("R-379")
  @DisplayName("Every migration folder is registered")
  void everyMigrationFolderIsRegistered() throws IOException {
    try (Stream<Path> folders = Files.list(RESOURCES)) {
      List<String> names = folders.map(folder -> folder.getFileName().toString()).sorted().toList();
      assertThat(Version.ALL.stream().map(version -> version.number() + "_" + version.name()))
          .containsExactlyElementsOf(names);
    }
  }

  @Test
  void versionsAreTimes() {
    assertThat(allVersions()).allMatch(version -> String.valueOf(version).matches("20\\d{12}"));
  }

  @Test
  void everyMigrationHasAChecksumAndStatements() {
    assertThat(Version.ALL)
        .allSatisfy(
            version -> {
              assertThat(version.checksum()).matches("[0-9a-f]{64}");
              assertThat(version.up("s"))
                  .isNotEmpty()
                  .noneMatch(sql -> sql.isBlank() || sql.endsWith(";") || sql.contains("${"));
              assertThat(version.down("s"))
                  .isNotEmpty()
                  .noneMatch(sql -> sql.isBlank() || sql.endsWith(";") || sql.contains("${"));
            });
  }

  @Test
  void anUnknownTargetIsRefusedNamingTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurableMigration.on(nowhere).to(20260103000001L))
        .withMessageContainingAll("20260103000001", allVersions().toString());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurableMigration.script("durable").to(1))
        .withMessageContaining(allVersions().toString());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurableMigration.script("durable").from(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> DurableMigration.on(nowhere).to(0).up());
  }

  @Test
  void stepsAreCountedDownOnly() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurableMigration.on(nowhere).step(-1))
        .withMessageContaining("-1");
    assertThatIllegalStateException().isThrownBy(() -> DurableMigration.on(nowhere).step(1).up());
  }

  @Test
  void aScriptLeadsUpwards() {
    MigrationScript backwards = DurableMigration.script("durable").from(currentVersion()).to(FIRST);
    assertThatIllegalStateException().isThrownBy(backwards::up);
    assertThatIllegalStateException().isThrownBy(backwards::downStatements);
  }

  @Test
  void aPrefixHasOneTo63Bytes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurableMigration.on(nowhere).prefix(""))
        .withMessageContaining("1 to 63 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurableMigration.on(nowhere).prefix("ü".repeat(32)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurableMigration.on(nowhere).prefix("a\0b"));
    DurableMigration.on(nowhere).prefix("x".repeat(63));
  }
}
