package dev.durable.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.cli.Main;
import dev.durable.cli.console.ExitCodes;
import dev.durable.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a newcomer runs it: in a JVM of its own. */
@Timeout(120)
class DemoTest {

  @TempDir static Path folder;

  /** The exit code and the output of a run. */
  private record Outcome(int exitCode, String out, String err) {

    String lastLine() {
      List<String> lines = out.lines().toList();
      return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }
  }

  @AfterAll
  static void stopPostgres() {
    EmbeddedPostgres.start(folder.resolve("data").resolve("postgres")).stop();
  }

  @Test
  void whatACrashInterruptedIsFinishedByTheNextRunAndNoCommittedStepIsRepeated() throws Exception {
    Outcome crash = demo("--fresh", "--crash-after", "60");

    assertThat(crash.exitCode()).isEqualTo(ExitCodes.KILLED);
    assertThat(crash.out()).isEmpty();
    assertThat(crash.err()).contains("Crash:", "in flight");

    Outcome rest = demo("--json");

    assertThat(rest.err()).contains("Run 1 was interrupted").doesNotContain("WARN", "INFO");
    assertThat(rest.exitCode()).isZero();
    assertThat(rest.lastLine())
        .matches(
            "\\{\"orders\":300,\"completed\":290,\"failed\":3,\"rejected\":7,\"retries\":\\d+,"
                + "\"bodiesRunTwice\":[1-9]\\d*,\"committedStepsRepeated\":0,"
                + "\"seconds\":\\d+\\.\\d}");
  }

  @Test
  void twoWorkersShareTheWorkAndDieTogether() throws Exception {
    Outcome crash = demo("--fresh", "--workers", "2", "--crash-after", "60");

    assertThat(crash.exitCode()).isEqualTo(ExitCodes.KILLED);

    Outcome rest = demo("--workers", "2");

    assertThat(rest.exitCode()).isZero();
    assertThat(rest.err().lines().filter(line -> line.contains("ran"))).hasSize(2);
    assertThat(rest.out())
        .containsPattern("completed +290")
        .containsPattern("rejected +7")
        .containsPattern("failed +3")
        .containsPattern("committed steps repeated +0");
  }

  @Test
  void malformedOrdersAreReportedAndTheOthersProcessed() throws Exception {
    Path file = folder.resolve("mine.json");
    List<String> lines = Files.readAllLines(Path.of("../examples/orders.json")).subList(0, 25);
    List<String> mine = new ArrayList<>(lines);
    mine.set(17, "    \"currency\": 978,");
    mine.add("17]");
    Files.write(file, mine);

    Outcome outcome = demo("--fresh", "--file", file.toString(), "--json");

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err()).contains(file + ":");
    assertThat(outcome.lastLine()).startsWith("{\"orders\":1,\"completed\":1,");
  }

  @Test
  void wrongUsageIsReportedWithoutAStackTrace() throws Exception {
    Outcome missing = demo("--file", "nowhere.json");
    assertThat(missing.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(missing.err()).contains("nowhere.json", "does not exist", "--file");

    Outcome zero = demo("--crash-after", "0");
    assertThat(zero.exitCode()).isEqualTo(ExitCodes.USAGE);

    Outcome unknown = run("demmo");
    assertThat(unknown.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(unknown.err()).contains("there is no command 'demmo'", "Did you mean demo?");
  }

  private Outcome demo(String... options) throws IOException, InterruptedException {
    List<String> args = new ArrayList<>(List.of("demo", "--data", folder + "/data"));
    args.addAll(List.of(options));
    return run(args.toArray(String[]::new));
  }

  private Outcome run(String... args) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(args));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    int exitCode = process.waitFor();
    return new Outcome(exitCode, Files.readString(out), Files.readString(err));
  }
}
