package dev.durable.benchmarks.report;

import dev.durable.benchmarks.measure.Sample;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints the current turn, its samples, and an estimate for the remaining turns. */
public final class TurnProgress {

  private final PrintStream out;
  private final int turns;
  private final long begun = System.nanoTime();
  private int ended;

  public TurnProgress(PrintStream out, int turns) {
    this.out = out;
    this.turns = turns;
  }

  public synchronized void say(String what) {
    out.println(what);
  }

  public synchronized void begin(String turn) {
    out.printf("[%d/%d%s] %s …%n", ended + 1, turns, left(), turn);
  }

  /** An empty list of samples stands for a failed turn. */
  public synchronized void end(String turn, List<Sample> samples) {
    ended++;
    String values =
        samples.stream()
            .map(each -> String.format(Locale.ROOT, "%s %.3f", each.metric(), each.value()))
            .collect(Collectors.joining("  "));
    out.println("    " + (samples.isEmpty() ? turn + " failed" : values));
  }

  private String left() {
    if (ended == 0) {
      return "";
    }
    Duration each = Duration.ofNanos(System.nanoTime() - begun).dividedBy(ended);
    return ", about " + Math.max(1, each.multipliedBy(turns - ended).toMinutes()) + " min left";
  }
}
