package dev.durable.cli.operate;

import dev.durable.queue.Queues;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code durable queues pause}. */
@Command(
    name = "pause",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Lets no execution of a queue begin or go on, until it is resumed.",
      "What runs goes on. To pause a paused queue replaces the reason.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:paused",
      "1:no worker has ever served the queue, or the database refused",
      "2:wrong usage",
      "3:the database cannot be reached"
    },
    footer = {"", "Try:", "  durable queues pause payments --reason 'the bank is down'"})
public final class PauseQueueCommand extends QueueCommand {

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String reason;

  @Option(names = "--by", paramLabel = "WHO", description = BY)
  private @Nullable String by;

  /** picocli makes it. */
  public PauseQueueCommand() {}

  @Override
  String change(Queues queues, String queue) {
    queues.pause(queue, reason, UserName.or(by));
    return "Paused queue '" + queue + "'.";
  }
}
