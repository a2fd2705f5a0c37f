package dev.durable.benchmarks;

import dev.durable.benchmarks.measure.Size;
import dev.durable.benchmarks.measure.Sizes;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of a benchmark.
 *
 * @param scenarios ids; empty for all
 * @param drivers names; empty for all
 * @param runs the turns of each driver
 * @param size how much is measured
 * @param idleSeconds how long the idle worker is watched; 0 for the usual minute
 * @param output the outputs besides the table
 */
public record BenchOptions(
    List<String> scenarios,
    List<String> drivers,
    int runs,
    Size size,
    int idleSeconds,
    Output output) {

  /**
   * The outputs besides the table.
   *
   * @param json a file for the results, or null
   * @param keep whether scenarios of an earlier day that are not measured now stay in the file, on
   *     the page and in the charts
   * @param page a Markdown page to replace the results of, or null
   * @param charts a folder for pictures, or null
   * @param profile a folder for a JFR recording of each run and PostgreSQL's time per statement, or
   *     null. Costs some speed.
   */
  public record Output(
      @Nullable Path json,
      boolean keep,
      @Nullable Path page,
      @Nullable Path charts,
      @Nullable Path profile) {

    /** None. */
    public static final Output NONE = new Output(null, false, null, null, null);

    /**
     * Checks that there is a file to keep.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Output {
      if (keep && json == null) {
        throw new IllegalArgumentException(
            "To keep results, name the file that has them: --json FILE.");
      }
    }
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if they make no sense
   */
  public BenchOptions {
    if (runs < 1 || idleSeconds < 0) {
      throw new IllegalArgumentException(
          "runs must be at least 1 and idle seconds not negative: " + runs + ", " + idleSeconds);
    }
  }

  Sizes sizes() {
    return idleSeconds > 0 ? size.sizes().idleFor(idleSeconds) : size.sizes();
  }
}
