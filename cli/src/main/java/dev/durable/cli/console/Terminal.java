package dev.durable.cli.console;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Help.Ansi;

/**
 * An output stream of the command, in colours if it is a terminal.
 *
 * @param stream standard output or standard error
 * @param isTerminal whether the stream is a terminal that can move its cursor
 */
public record Terminal(PrintStream stream, boolean isTerminal) {

  /** Standard output: the result of the command. */
  public static Terminal out() {
    return new Terminal(System.out, isTerminal(1));
  }

  /** Standard error: messages and progress. */
  public static Terminal err() {
    return new Terminal(System.err, isTerminal(2));
  }

  /** Prints a line with picocli's markup, such as {@code @|bold text|@}. */
  public void line(String markup) {
    stream.println(styled(markup));
  }

  /** Overwrites the two lines that were painted last. Only for terminals. */
  public void repaint(String first, String second) {
    stream.print("\r" + styled(first) + "\u001b[K\n" + styled(second) + "\u001b[K\u001b[1A\r");
    stream.flush();
  }

  /** Keeps the painted lines on the screen and moves below them. */
  public void endPainting() {
    if (isTerminal) {
      stream.print("\n\n");
      stream.flush();
    }
  }

  private String styled(String markup) {
    boolean colours = isTerminal && System.getenv("NO_COLOR") == null;
    return (colours ? Ansi.ON : Ansi.OFF).string(markup);
  }

  /** Whether both standard input and standard output are a terminal. */
  public static boolean canAsk() {
    return isTty(0) && isTty(1);
  }

  /** Whether standard input is a terminal. */
  public static boolean isTyped() {
    return isTty(0);
  }

  private static boolean isTerminal(int descriptor) {
    return !"dumb".equals(System.getenv("TERM")) && isTty(descriptor);
  }

  private static boolean isTty(int descriptor) {
    Path link = Path.of("/proc/self/fd/" + descriptor);
    if (!Files.isSymbolicLink(link)) {
      return Ansi.AUTO.enabled();
    }
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException unknown) {
      return false;
    }
  }
}
