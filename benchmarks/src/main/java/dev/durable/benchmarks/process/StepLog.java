package dev.durable.benchmarks.process;

import dev.durable.benchmarks.driver.QueueDriver.StepListener;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file with a line for every step that begins; it outlives a killed process. */
public final class StepLog implements StepListener {

  private final OutputStream out;

  StepLog(String file) throws IOException {
    // Not buffered: each line is one write of its own.
    this.out = new FileOutputStream(file, true);
  }

  /**
   * A step that began.
   *
   * @param name the execution and the place of the step in it, {@code order/step}
   * @param nanos when, by the clock that all processes share
   */
  public record Line(String name, long nanos) {}

  @Override
  public void begins(int order, int step) {
    String line = order + "/" + step + " " + System.nanoTime() + "\n";
    try {
      out.write(line.getBytes(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  public static List<Line> read(Path file) throws IOException {
    try (var lines = Files.lines(file)) {
      return lines.map(StepLog::line).toList();
    }
  }

  private static Line line(String text) {
    int space = text.indexOf(' ');
    return new Line(text.substring(0, space), Long.parseLong(text.substring(space + 1)));
  }
}
