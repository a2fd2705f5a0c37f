package dev.durable.cli.migrate.command;

import static dev.durable.migration.DurableMigration.allVersions;
import static dev.durable.migration.DurableMigration.currentVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.cli.Cli;
import dev.durable.cli.CommandTest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MigrationsCommandTest extends CommandTest {

  private static final String ALL =
      allVersions().stream().map(String::valueOf).collect(Collectors.joining(", "));

  @Test
  @DisplayName("R-380 the report of a database that is up to date")
  void theReportOfADatabaseThatIsUpToDate() {
    durable().up();
    Cli.Result result = assertOk(cli().run("migrations", "--url", url));
    assertThat(result.out())
        .isEqualTo(
            """
            Data source:        %s
            Prefix:             durable
            Current version:    %d
            Migrated version:   %d
            Pending versions:   none
            Status:             up
            """
                .formatted(url, currentVersion(), currentVersion()));
    assertThat(result.err()).isEmpty();
  }

  @Test
  @DisplayName("R-381 the fields of the JSON report")
  void theFieldsOfTheJsonReport() {
    durable().prefix("My-App \"x\"").to(FIRST).up();
    Cli.Result result =
        assertOk(cli().run("migrations", "--url", url, "--prefix", "My-App \"x\"", "--json"));
    JsonNode json = JsonMapper.builder().build().readTree(result.out());
    assertThat(json.propertyNames())
        .containsExactly(
            "dataSource",
            "prefix",
            "currentVersion",
            "migratedVersion",
            "pendingVersions",
            "changedVersions",
            "status");
    assertThat(json.get("dataSource").asString()).isEqualTo(url);
    assertThat(json.get("prefix").asString()).isEqualTo("My-App \"x\"");
    assertThat(json.get("currentVersion").asLong()).isEqualTo(currentVersion());
    assertThat(json.get("migratedVersion").asLong()).isEqualTo(FIRST);
    assertThat(json.get("pendingVersions")).hasSize(allVersions().size() - 1);
    assertThat(json.get("changedVersions")).isEmpty();
    assertThat(json.get("status").asString()).isEqualTo("pending");
    assertThat(result.err()).isEmpty();
  }

  @Test
  @DisplayName("R-384 a partially migrated prefix lists the rest")
  void aPartiallyMigratedPrefixListsTheRest() {
    durable().prefix("partial").to(FIRST).up();
    Cli.Result result =
        assertOk(cli().with("DURABLE_PREFIX", "partial").run("migrations", "--url", url));
    assertThat(result.out())
        .contains(
            "Prefix:             partial\n",
            "Migrated version:   " + FIRST + "\n",
            "Pending versions:   " + ALL.replace(FIRST + ", ", "") + "\n",
            "Status:             pending\n");
  }

  @Nested
  class Check {

    @Test
    @DisplayName("R-382 passes when up to date")
    void passesWhenUpToDate() {
      durable().up();
      Cli.Result result = assertOk(cli().run("migrations", "--url", url, "--check"));
      assertThat(result.err()).isEmpty();
    }

    @Test
    @DisplayName("R-383 fails when something is pending, and says what to do")
    void failsWhenSomethingIsPending() {
      Cli.Result result = cli().run("migrations", "--url", url, "--check", "--prefix=it's");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out()).contains("Pending versions:   " + ALL + "\n");
      assertThat(result.err())
          .contains("\"it's\"", url, ALL)
          .contains("\n  durable gen-upgrade --prefix='it'\\''s'\n")
          .contains("\n  durable migrate --prefix='it'\\''s'\n");
    }

    @Test
    void failsWhenTheDatabaseIsNewer() {
      durable().up();
      sql("insert into durable.durable_schema_migrations values (29990101000000, 'x', now())");
      Cli.Result result = cli().run("migrations", "--url", url, "--check");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out()).contains("Status:             newer\n");
      assertThat(result.err())
          .contains("29990101000000", currentVersion() + "")
          .doesNotContain("gen-upgrade");
    }

    @Test
    void failsWhenAMigrationWasAppliedWithAnotherText() {
      durable().up();
      sql("update durable.durable_schema_migrations set checksum = 'x' where version = " + FIRST);
      Cli.Result result = cli().run("migrations", "--url", url, "--check");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out())
          .contains("Status:             up\n", "Changed versions:   " + FIRST + "\n");
      assertThat(result.err()).contains("another text", FIRST + "");
      assertOk(cli().run("migrations", "--url", url));
    }
  }

  @Nested
  class SeveralDatabases {

    @Test
    void eachIsReported() {
      durable().up();
      String first = url;
      createDatabase();
      Cli.Result result =
          cli().run("migrations", "--url", first, "--url", url, "--json", "--check");
      assertThat(result.exitCode()).isEqualTo(1);
      JsonNode json = JsonMapper.builder().build().readTree(result.out());
      assertThat(json.isArray()).isTrue();
      assertThat(json)
          .extracting(report -> report.get("status").asString())
          .containsExactly("up", "pending");
      assertThat(result.err()).contains(url).doesNotContain(first + " ");
    }

    @Test
    void oneThatCannotBeReachedDoesNotHideTheOthers() {
      Cli.Result result =
          cli()
              .run(
                  "migrations",
                  "--check",
                  "--url=jdbc:postgresql://127.0.0.1:1/gone?password=geheim",
                  "--url=" + url);
      assertThat(result.exitCode()).isEqualTo(3);
      assertThat(result.out()).containsOnlyOnce("Data source:").contains(url);
      assertThat(result.err())
          .contains("Could not connect to jdbc:postgresql://127.0.0.1:1/gone: ", "pending")
          .doesNotContain("geheim");
    }
  }
}
