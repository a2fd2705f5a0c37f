package dev.durable.benchmarks;

import dev.durable.benchmarks.measure.Size;
import dev.durable.benchmarks.measure.Sizes;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to measure.
 *
 * @param scenarios ids; empty for all
 * @param drivers names; empty for all
 * @param runs how often each driver's turn comes
 * @param size how much
 * @param idleSeconds how long the idle worker is watched; 0 for the usual minute
 * @param output where the results go besides the table
 */
public record BenchOptions(
    List<String> scenarios,
    List<String> drivers,
    int runs,
    Size size,
    int idleSeconds,
    Output output) {

  /**
   * Where the results go besides the table.
   *
   * @param json a file for the results, or null
   * @param keep whether scenarios that the file has from an earlier day, and that are not measured
   *     now, stay in it, on the page and in the charts
   * @param page a Markdown page whose results are replaced, or null
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

    /** Nowhere. */
    public static final Output NONE = new Output(null, false, null, null, null);

    /**
     * Checks that there is a file to keep.
     *
     * @throws IllegalArgumentException if not
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
