package dev.durable.examples.order.fake;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Lines of tab-separated fields that several processes append to. Nothing is buffered: a line that
 * was appended survives the sudden end of this process. Thread-safe.
 */
public final class AppendOnlyFile implements AutoCloseable {

  private final Path path;
  private final FileOutputStream out;

  /** Opens the file, or creates it. */
  public AppendOnlyFile(Path path) {
    this.path = path;
    try {
      // A channel would be closed by the interrupt of a step that is cancelled; a stream is not.
      this.out = new FileOutputStream(path.toFile(), true);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write to " + path, failure);
    }
  }

  /** Appends a line, in one write. */
  public void append(String... fields) {
    try {
      out.write((String.join("\t", fields) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write to " + path, failure);
    }
  }

  /** The size of the file in bytes. */
  public long size() {
    return path.toFile().length();
  }

  /** The complete lines from this byte on. */
  public Lines read(long from) {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      byte[] bytes = new byte[Math.toIntExact(file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      int end = text.lastIndexOf('\n') + 1;
      String complete = new String(bytes, 0, end, StandardCharsets.UTF_8);
      return new Lines(
          complete.lines().map(line -> List.of(line.split("\t", -1))).toList(), from + end);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + path, failure);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot close " + path, failure);
    }
  }

  /**
   * Some lines.
   *
   * @param rows the fields of each
   * @param end the byte after the last one
   */
  public record Lines(List<List<String>> rows, long end) {}
}
