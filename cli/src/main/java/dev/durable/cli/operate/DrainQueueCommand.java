package dev.durable.cli.operate;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.execution.Execution;
import dev.durable.queue.QueueState;
import dev.durable.queue.Queues;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code durable queues drain}. */
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Pauses a queue, and waits until no worker runs an execution of it. It stays paused.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:nothing of it runs",
      "1:something runs after the timeout, no worker has ever served it, or the database refused",
      "2:wrong usage",
      "3:the database cannot be reached"
    },
    footer = {"", "Try:", "  durable queues drain payments --reason 'the bank moves' --timeout 5m"})
public final class DrainQueueCommand extends QueueCommand {

  private static final int MOST_NAMED = 10;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why. Default: that of the pause before, or that it is being drained.")
  private @Nullable String reason;

  @Option(names = "--by", paramLabel = "WHO", description = BY)
  private @Nullable String by;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "How long to wait, such as 30s or 5m. Default: 1m.")
  private Duration timeout = Duration.ofMinutes(1);

  /** picocli makes it. */
  public DrainQueueCommand() {}

  @Override
  String change(Queues queues, String queue) {
    boolean paused = queues.find(queue).map(QueueState::isPaused).orElse(false);
    if (reason != null || !paused) {
      queues.pause(queue, reason == null ? "is being drained" : reason, UserName.or(by));
    }
    List<Execution> left = queues.drain(queue, timeout);
    if (left.isEmpty()) {
      return "Drained queue '" + queue + "'; it is paused.";
    }
    String named =
        left.stream()
            .limit(MOST_NAMED)
            .map(each -> "\n  " + each.id() + "  " + each.workflow())
            .collect(Collectors.joining());
    throw new CommandFailedException(
        ExitCodes.FAILED,
        "Queue '"
            + queue
            + "' is paused, and after "
            + Durations.text(timeout)
            + " it still runs "
            + left.size()
            + ":"
            + named
            + (left.size() > MOST_NAMED ? "\n  …" : ""));
  }
}
