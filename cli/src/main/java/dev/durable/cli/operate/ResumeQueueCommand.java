package dev.durable.cli.operate;

import dev.durable.queue.Queues;
import picocli.CommandLine.Command;

/** {@code durable queues resume}. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Ends the pause of a queue.", ""},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:not paused any more, or it was not",
      "1:no worker has ever served the queue, or the database refused",
      "2:wrong usage",
      "3:the database cannot be reached"
    },
    footer = {"", "Try:", "  durable queues resume payments"})
public final class ResumeQueueCommand extends QueueCommand {

  /** picocli makes it. */
  public ResumeQueueCommand() {}

  @Override
  String change(Queues queues, String queue) {
    boolean paused = queues.find(queue).stream().anyMatch(state -> state.paused() != null);
    queues.resume(queue);
    if (!paused) {
      return "Queue '" + queue + "' is not paused.";
    }
    return "Resumed queue '" + queue + "'.";
  }
}
