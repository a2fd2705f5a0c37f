package dev.durable.cli;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Stands in for a stream of the JVM until it is put back: keeps what the thread that made it
 * prints, and lets through what others print, such as the log of a worker.
 */
final class OwnThreadsOutput extends OutputStream {

  private final Thread owner = Thread.currentThread();
  private final ByteArrayOutputStream own = new ByteArrayOutputStream();
  private final PrintStream others;
  private final Consumer<PrintStream> setter;

  OwnThreadsOutput(PrintStream stream, Consumer<PrintStream> setter) {
    this.others = stream;
    this.setter = setter;
    setter.accept(new PrintStream(this, true, StandardCharsets.UTF_8));
  }

  @Override
  public void write(int octet) {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) {
    if (Thread.currentThread() == owner) {
      own.write(bytes, from, count);
    } else {
      others.write(bytes, from, count);
    }
  }

  String text() {
    return own.toString(StandardCharsets.UTF_8);
  }

  void putBack() {
    setter.accept(others);
  }
}
