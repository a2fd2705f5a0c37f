package dev.durable.cli.demo;

import dev.durable.cli.console.Terminal;
import dev.durable.execution.Execution;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Prints a report as text. */
final class DemoReportText {

  private static final int MOST_ORDERS = 12;

  private final Terminal terminal;
  private final DemoReport report;

  DemoReportText(Terminal terminal, DemoReport report) {
    this.terminal = terminal;
    this.report = report;
  }

  void print() {
    heading("Orders");
    row("completed", report.completed(), "");
    row("rejected", report.rejected().size(), "by the shop's rules");
    row("failed", report.failed().size(), "on the way, for good");
    if (!report.stuck().isEmpty()) {
      row("parked", report.stuck().size(), "need a person");
    }
    line("@|bold %-10s %6d|@  in %.1f s".formatted("all", report.orders(), seconds()));
    lost("Rejected", report.rejected());
    lost("Failed", report.failed());
    lost("Parked", report.stuck());
    steps();
    heading("Checked against the ledger of step bodies");
    check("bodies run twice", report.audit().bodiesRunTwice(), twice());
    check(
        "committed steps repeated",
        report.audit().committedStepsRepeated(),
        report.isGood() ? "as promised" : "@|red,bold this must never happen: please report it|@");
  }

  private String twice() {
    return report.audit().bodiesRunTwice() == 0
        ? "no worker died in the middle of one"
        : "the crash came before their commits";
  }

  private void lost(String title, List<Execution> orders) {
    if (orders.isEmpty()) {
      return;
    }
    heading(title);
    orders.stream()
        .sorted(Comparator.comparing(DemoRun::orderId))
        .limit(MOST_ORDERS)
        .forEach(
            order ->
                line(
                    "%-10s %s"
                        .formatted(
                            DemoRun.orderId(order),
                            order.error() == null ? "" : order.error().message())));
    if (orders.size() > MOST_ORDERS) {
      line("@|faint … and %d more|@".formatted(orders.size() - MOST_ORDERS));
    }
  }

  private void steps() {
    heading("Steps, slowest first");
    line("@|faint %-10s %6s %8s %9s %9s|@".formatted("", "ran", "retries", "median", "slowest"));
    for (StepTimes step : report.steps()) {
      line(
          "%-10s %6d %8s %9s %9s"
              .formatted(
                  step.step(),
                  step.bodies(),
                  step.retries() == 0 ? "" : Integer.toString(step.retries()),
                  millis(step.median()),
                  millis(step.slowest())));
    }
  }

  private void row(String what, int count, String remark) {
    String tail = count == 0 || remark.isEmpty() ? "" : "  @|faint " + remark + "|@";
    line("%-10s %6d".formatted(what, count) + tail);
  }

  private void check(String what, int count, String remark) {
    String colour = count == 0 ? "green" : "yellow";
    line("%-25s @|%s,bold %d|@  @|faint %s|@".formatted(what, colour, count, remark));
  }

  private void heading(String text) {
    terminal.line("");
    terminal.line("@|bold " + text + "|@");
  }

  private void line(String text) {
    terminal.line("  " + text);
  }

  private double seconds() {
    return report.time().toMillis() / 1000.0;
  }

  private static String millis(Duration time) {
    return String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
  }
}
