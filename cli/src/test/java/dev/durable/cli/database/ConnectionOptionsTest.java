package dev.durable.cli.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.cli.Cli;
import dev.durable.cli.CommandTest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionOptionsTest extends CommandTest {

  @Test
  void everythingFromTheEnvironment() {
    Cli.Result result = assertOk(cli().with("DURABLE_URL", url).run("migrations"));
    assertThat(result.out()).contains(url);
  }

  @Test
  void optionsGoBeforeTheUrlAndThatBeforeTheEnvironment() {
    String whole = url + "?user=" + user() + "&password=" + password();
    assertOk(
        anonymous()
            .with("DURABLE_USER", "nobody")
            .with("DURABLE_PASSWORD", "wrong")
            .run("migrations", "--url", whole));
    Cli.Result result =
        assertOk(
            anonymous()
                .with("DURABLE_URL", url + "?user=nobody&password=wrong")
                .run("migrations", "--user", user(), "--password=" + password()));
    assertThat(result.out()).contains(url + "\n").doesNotContain("wrong");
  }

  @Test
  void aPasswordCanBePipedIn() {
    Cli.Result result =
        assertOk(
            anonymous()
                .input(password() + "\n")
                .run("migrations", "--url", url, "--user", user(), "--password"));
    assertThat(result.err()).isEmpty();
    Cli.Result nothing = anonymous().run("migrations", "--url", url, "--password");
    assertThat(nothing.exitCode()).isEqualTo(2);
    assertThat(nothing.err()).contains("no password on standard input");
  }

  @ParameterizedTest
  @ValueSource(strings = {"@geheim", "geheim"})
  void aWrongPasswordIsRefusedAndNeverShown(String wrong) {
    Cli.Result result =
        anonymous().run("migrate", "--url", url, "--user", user(), "--password=" + wrong);
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains(url, "password authentication failed", "DURABLE_PASSWORD")
        .doesNotContain("geheim", "\tat ");
  }

  @Test
  void aPasswordIsNoFileOfArguments() throws IOException {
    Files.writeString(folder.resolve("arguments"), "--help");
    Cli.Result result =
        anonymous().run("migrate", "--url", url, "--user", user(), "--password", "@arguments");
    assertThat(result.exitCode()).isEqualTo(3);
  }

  @Test
  void noPasswordAtAll() {
    Cli.Result result = anonymous().run("migrations", "--url", url, "--user", user());
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.err()).contains("no password was provided", "--password");
  }

  @Test
  @DisplayName("R-389 an unknown database is refused")
  void anUnknownDatabaseIsRefused() {
    for (List<String> command :
        List.of(
            List.of("migrations"),
            List.of("migrate"),
            List.of("rollback", "--step=1"),
            List.of("gen-upgrade", "--dir=."))) {
      List<String> line = new ArrayList<>(command);
      line.add("--url=" + url + "_unknown");
      Cli.Result result = cli().run(line.toArray(String[]::new));
      assertThat(result.exitCode()).isEqualTo(3);
      assertThat(result.out()).isEmpty();
      assertThat(result.err()).contains("_unknown\" does not exist").doesNotContain("\tat ");
    }
  }

  @Test
  void anUnknownHostIsNamed() {
    Cli.Result result = cli().run("migrations", "--url", "jdbc:postgresql://host.invalid/app");
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.err()).contains("there is no host host.invalid");
  }

  @Test
  void wrongUsage() {
    Cli.Result none = anonymous().run("migrations");
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("--url jdbc:postgresql://", "DURABLE_URL");

    Cli.Result otherScheme = cli().run("migrate", "--url", "postgres://app:geheim@db/app");
    assertThat(otherScheme.exitCode()).isEqualTo(2);
    assertThat(otherScheme.err())
        .contains("jdbc:postgresql://HOST:PORT/DATABASE")
        .doesNotContain("geheim");

    Cli.Result prefix = cli().run("migrations", "--url", url, "--prefix", "x".repeat(64));
    assertThat(prefix.exitCode()).isEqualTo(2);
    assertThat(prefix.err()).contains("1 to 63 bytes");

    Cli.Result unknown = cli().run("migrations", "--url", url, "--chek");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("no option '--chek'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "migrations",
        "gen-upgrade",
        "migrate",
        "rollback",
        "graph",
        "pending",
        "answer",
        "send-event",
        "children"
      })
  void helpHasExamplesAndExitCodes(String command) {
    Cli.Result result = assertOk(anonymous().run(command, "--help"));
    assertThat(result.out())
        .contains("Exit codes:", "Try:\n  ", "durable " + command, "DURABLE_URL", "DURABLE_PREFIX");
    assertThat(result.out().lines()).allMatch(line -> line.length() <= 80);
    assertThat(result.err()).isEmpty();
  }
}
