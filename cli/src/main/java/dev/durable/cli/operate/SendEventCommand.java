package dev.durable.cli.operate;

import dev.durable.Durable;
import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.cli.database.ExitCodeMapping;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.SendOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code durable send-event}. */
@Command(
    name = "send-event",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Sends an event to an execution and prints the outcome.",
      "",
      "  DELIVERED  the execution waited for the event",
      "  BUFFERED   the event is kept until the execution waits for it",
      "  DUPLICATE  an event with this name and key was sent before",
      "  CLOSED     the execution has ended, or is being compensated",
      "  NOT_FOUND  there is no such execution",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:DELIVERED, BUFFERED or DUPLICATE",
      "1:CLOSED or NOT_FOUND, or the database refused",
      "2:wrong usage, invalid JSON, or an id prefix of several executions",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable send-event 01a20790-3f payment.success '{\"cents\": 4200}' --key pay-17",
      "  durable send-event 01a20790-3f payment.success - < payment.json",
      "  durable send-event 01a20790-3f go"
    })
public final class SendEventCommand implements Callable<Integer> {

  private static final String NOTHING = "null";

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "EXECUTION", description = ExecutionIds.DESCRIPTION)
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String execution;

  @Parameters(index = "1", paramLabel = "NAME", description = "The event's name.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String name;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "JSON",
      description = "The payload; - reads it from standard input. Default: null.")
  private String payload = NOTHING;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "An idempotency key: sending again with the same key changes nothing.")
  private @Nullable String key;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  /** picocli makes it. */
  public SendEventCommand() {}

  @Override
  public Integer call() {
    String json = ExitCodeMapping.call(spec, () -> Json.of(payload));
    ExitCodeMapping.call(spec, this::checked);
    Delivery delivery = Client.ask(spec, database, client -> send(client, json));
    PrintWriter out = spec.commandLine().getOut();
    out.println(delivery);
    out.flush();
    return switch (delivery) {
      case DELIVERED, BUFFERED, DUPLICATE -> ExitCodes.OK;
      case CLOSED ->
          throw new CommandFailedException(
              ExitCodes.FAILED,
              "execution "
                  + execution
                  + " has ended, or is being compensated: it accepts no events.");
      case NOT_FOUND ->
          throw new CommandFailedException(
              ExitCodes.FAILED, "there is no execution " + execution + ".");
    };
  }

  /** Checks the name and the key before anything is sent. */
  private SendOptions checked() {
    Event.of(name, String.class); // Refuses an illegal name.
    return SendOptions.of(this::fill);
  }

  private void fill(SendOptions options) {
    if (key != null) {
      options.idempotencyKey(key);
    }
  }

  private Delivery send(Durable client, String json) {
    return client.send(ExecutionIds.id(client, execution), name, json, this::fill);
  }
}
