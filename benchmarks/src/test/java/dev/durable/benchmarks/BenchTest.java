package dev.durable.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.benchmarks.BenchOptions.Output;
import dev.durable.benchmarks.driver.Drivers;
import dev.durable.benchmarks.driver.Payload;
import dev.durable.benchmarks.measure.Figures;
import dev.durable.benchmarks.measure.Size;
import dev.durable.benchmarks.micro.Micro;
import dev.durable.benchmarks.process.Jvm;
import dev.durable.benchmarks.report.Result;
import dev.durable.benchmarks.report.ResultFile;
import dev.durable.benchmarks.scenario.Scenarios;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The harness works; with numbers this small its figures mean nothing. */
class BenchTest {

  @TempDir private Path folder;

  @Test
  void measuresAndReports() throws Exception {
    Path json = folder.resolve("results.json");
    Path charts = folder.resolve("charts");
    Path page = folder.resolve("page.md");
    Files.writeString(
        page,
        "Before\n<!-- results: written by ./durable bench --page -->\nold\n<!-- end of results -->\nAfter");
    ResultFile.write(List.of(earlier("Q1", "dbos"), earlier("T3", "dbos")), json);
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(table, true, StandardCharsets.UTF_8);
        PrintStream progress = new PrintStream(OutputStream.nullOutputStream())) {
      Bench.run(
          new BenchOptions(
              List.of("L10", "Q1"),
              List.of(),
              1,
              Size.QUICK,
              1,
              new Output(json, true, page, charts, null)),
          out,
          progress);
    }
    assertThat(table.toString(StandardCharsets.UTF_8))
        .contains("fsync=on", "step_p50_ms", "executions_per_s", "limit", "dbos", "db-scheduler");
    JsonNode results = Jvm.JSON.readTree(Files.readString(json));
    // T3: one kept result; L10: two metrics of durable, limit, guarded and dbos; Q1: two of
    // durable, dbos, db-scheduler, and two of durable with limits.
    assertThat(results.size()).isEqualTo(17);
    assertThat(results.get(0).get("median").asDouble()).isEqualTo(-1);
    JsonNode first = results.get(1);
    assertThat(first.get("scenario").asString()).isEqualTo("Q1");
    assertThat(first.get("driver").asString()).isEqualTo("durable");
    assertThat(first.get("metric").asString()).isEqualTo("executions_per_s");
    assertThat(first.get("median").asDouble()).isPositive();
    assertThat(first.get("settings").get("postgres").get("synchronous_commit").asString())
        .isEqualTo("on");
    assertThat(page)
        .content()
        .startsWith("Before")
        .endsWith("After")
        .doesNotContain("old")
        .contains("2020-01-01 and ", "| T3 |  | `executions_per_s` |")
        .contains("| L10 |  | `step_p50_ms` |", "durable ÷ limit", "![Q1](charts/Q1.svg)");
    assertThat(charts.resolve("L10.svg")).content().contains("L10: step_p50_ms (ms)");
  }

  @Test
  void whatCannotBeKeptIsRefusedBeforeAnythingIsMeasured() throws Exception {
    Path json = Files.writeString(folder.resolve("notes.json"), "hello");
    Output keeping = new Output(json, true, null, null, null);
    try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream())) {
      BenchOptions options = new BenchOptions(List.of("L10"), List.of(), 1, Size.QUICK, 1, keeping);
      assertThatThrownBy(() -> Bench.run(options, nowhere, nowhere))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("notes.json has no results to keep: ");
    }
    assertThatThrownBy(() -> new Output(null, true, null, null, null))
        .hasMessageContaining("name the file");
    assertThat(json).content().isEqualTo("hello");
  }

  private static Result earlier(String scenario, String driver) {
    Map<String, Object> settings = Map.of("date", "2020-01-01");
    return new Result(scenario, driver, "executions_per_s", "1/s", -1, -1, -1, 1, settings);
  }

  @Test
  void microBenchmarksRun() throws Exception {
    // Three of the codec, two of a large definition.
    assertThat(Micro.run(true)).isEqualTo(5);
  }

  @Test
  void namesThatDoNotExistAreRefused() {
    assertThatThrownBy(() -> Scenarios.withIds(List.of("T4"), Size.NORMAL))
        .hasMessage(
            "There is no scenario 'T4'. There are: T3, Q1, Q3, L10, B, R, G, P, E, S, K, Z, W, I, V");
    assertThatThrownBy(() -> Drivers.withNames(List.of("magic")))
        .hasMessage(
            "There is no driver 'magic'. There are: durable, limit, guarded, dbos, db-scheduler");
  }

  @Test
  void bothDriversWriteTheSamePayloads() {
    String json = Payload.json(7, 1, 0);
    assertThat(Jvm.JSON.readTree(json))
        .isEqualTo(Jvm.JSON.readTree(Jvm.JSON.writeValueAsString(Payload.of(7, 0).next())));
    assertThat(json.length()).isBetween(270, 330);
  }

  @Test
  void percentilesLieBetweenValues() {
    assertThat(Figures.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2.0);
    assertThat(Figures.median(List.of(1.0, 2.0))).isEqualTo(1.5);
    assertThat(Figures.percentile(List.of(1.0, 2.0, 3.0, 4.0, 5.0), 99)).isBetween(4.9, 5.0);
  }
}
