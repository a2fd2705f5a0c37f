package dev.durable.cli.demo;

import static dev.durable.execution.ExecutionStatus.COMPLETED;
import static dev.durable.execution.ExecutionStatus.FAILED;
import static dev.durable.execution.ExecutionStatus.PENDING;
import static dev.durable.execution.ExecutionStatus.RUNNING;
import static dev.durable.execution.ExecutionStatus.WAITING;

import dev.durable.cli.console.Terminal;
import java.time.Duration;
import java.util.StringJoiner;

/** Shows how far the orders are: a bar on a terminal, else a line every other second. */
final class DemoProgress {

  private static final int WIDTH = 40;
  private static final long PAUSE_NANOS = Duration.ofSeconds(2).toNanos();

  private final Terminal terminal;
  private final int total;
  private long shownAt = System.nanoTime();

  DemoProgress(Terminal terminal, int total) {
    this.terminal = terminal;
    this.total = total;
  }

  void show(Counts counts) {
    if (terminal.isTerminal()) {
      terminal.repaint(bar(counts.done()), "  " + states(counts));
    } else if (System.nanoTime() - shownAt > PAUSE_NANOS) {
      shownAt = System.nanoTime();
      terminal.line("  " + done(counts.done()) + " · " + states(counts));
    }
  }

  /** Leaves the last state on the screen. */
  void end(Counts counts) {
    if (terminal.isTerminal()) {
      show(counts);
      terminal.endPainting();
    } else {
      terminal.line("  " + done(counts.done()) + " · " + states(counts));
    }
  }

  private String bar(int done) {
    int full = total == 0 ? WIDTH : Math.min(WIDTH, done * WIDTH / total);
    return "  @|green "
        + "█".repeat(full)
        + "|@@|faint "
        + "░".repeat(WIDTH - full)
        + "|@  "
        + done(done);
  }

  private String done(int done) {
    return "%,d of %,d done".formatted(done, total);
  }

  private static String states(Counts counts) {
    StringJoiner text = new StringJoiner(" · ");
    add(text, counts.of(COMPLETED), "completed");
    add(text, counts.of(FAILED), "failed");
    add(text, counts.of(RUNNING), "running");
    add(text, counts.of(WAITING), "to retry");
    add(text, counts.of(PENDING), "pending");
    return text.toString();
  }

  private static void add(StringJoiner text, int count, String what) {
    if (count > 0) {
      text.add(count + " " + what);
    }
  }
}
