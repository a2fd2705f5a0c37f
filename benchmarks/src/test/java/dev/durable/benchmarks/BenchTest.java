package dev.durable.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The harness works; what it measures with numbers this small means nothing. */
class BenchTest {

  @TempDir private Path folder;

  @Test
  void measuresAndReports() throws Exception {
    Path json = folder.resolve("results.json");
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(table, true, StandardCharsets.UTF_8);
        PrintStream progress = new PrintStream(OutputStream.nullOutputStream())) {
      Bench.run(
          new BenchOptions(List.of("L10", "I"), List.of(), 1, true, 1, json, null), out, progress);
    }
    assertThat(table.toString(StandardCharsets.UTF_8))
        .contains("fsync=on", "step_p50_ms", "queries_per_s", "durable", "limit");
    JsonNode results = Child.JSON.readTree(Files.readString(json));
    assertThat(results.size()).isEqualTo(6);
    JsonNode first = results.get(0);
    assertThat(first.get("scenario").asString()).isEqualTo("L10");
    assertThat(first.get("driver").asString()).isEqualTo("durable");
    assertThat(first.get("metric").asString()).isEqualTo("step_p50_ms");
    assertThat(first.get("median").asDouble()).isPositive();
    assertThat(first.get("settings").get("postgres").get("synchronous_commit").asString())
        .isEqualTo("on");
  }

  @Test
  void namesThatDoNotExistAreRefused() {
    assertThatThrownBy(() -> Catalog.scenarios(List.of("T4")))
        .hasMessage("There is no scenario 'T4'. There are: T3, L10, I, V");
    assertThatThrownBy(() -> Catalog.drivers(List.of("magic")))
        .hasMessage("There is no driver 'magic'. There are: durable, limit");
    assertThatThrownBy(() -> BenchOptions.parse("--fast", "yes"))
        .hasMessage("There is no option '--fast'");
  }

  @Test
  void bothDriversWriteTheSamePayloads() {
    String json = Payload.json(7, 1);
    assertThat(Child.JSON.readTree(json))
        .isEqualTo(Child.JSON.readTree(Child.JSON.writeValueAsString(Payload.of(7).next())));
    assertThat(json.length()).isBetween(270, 330);
  }

  @Test
  void percentilesLieBetweenValues() {
    assertThat(Figures.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2.0);
    assertThat(Figures.median(List.of(1.0, 2.0))).isEqualTo(1.5);
    assertThat(Figures.percentile(List.of(1.0, 2.0, 3.0, 4.0, 5.0), 99)).isBetween(4.9, 5.0);
  }
}
