package dev.durable.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The results as a JSON file, the source of later pages and charts. */
public final class ResultFile {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ResultFile() {}

  /**
   * Reads the results of an earlier day.
   *
   * @return none if there is no such file
   * @throws IllegalArgumentException if the file holds no results
   */
  public static List<Result> read(Path file) {
    if (Files.notExists(file)) {
      return List.of();
    }
    try {
      return List.of(JSON.readValue(file.toFile(), Result[].class));
    } catch (JacksonException unreadable) {
      throw new IllegalArgumentException(
          file + " has no results to keep: " + unreadable.getOriginalMessage(), unreadable);
    }
  }

  /** Replaces the file. */
  public static void write(List<Result> results, Path file) throws IOException {
    Files.writeString(
        file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(results) + "\n");
  }
}
