package dev.durable.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Help.Ansi;

/**
 * Where output goes, in colours if somebody looks at it.
 *
 * @param stream standard output or standard error
 * @param isTerminal whether that is a terminal that can move its cursor
 */
public record Terminal(PrintStream stream, boolean isTerminal) {

  /** Standard output: for what was asked for. */
  public static Terminal out() {
    return new Terminal(System.out, isTerminal(1));
  }

  /** Standard error: for messages and progress. */
  public static Terminal err() {
    return new Terminal(System.err, isTerminal(2));
  }

  /** Prints a line; markup of picocli's kind, such as {@code @|bold text|@}. */
  public void line(String markup) {
    stream.println(styled(markup));
  }

  /** Paints two lines over the last two that were painted. Only for terminals. */
  public void repaint(String first, String second) {
    stream.print("\r" + styled(first) + "\u001b[K\n" + styled(second) + "\u001b[K\u001b[1A\r");
    stream.flush();
  }

  /** Leaves what was painted on the screen. */
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

  /** Whether somebody types on standard input and sees standard output. */
  public static boolean canAsk() {
    return isTty(0) && isTty(1);
  }

  /** Whether somebody types on standard input. */
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
