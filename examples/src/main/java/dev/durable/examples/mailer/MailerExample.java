package dev.durable.examples.mailer;

import static java.time.Duration.ofMinutes;
import static java.util.Objects.requireNonNull;

import dev.durable.Durable;
import dev.durable.examples.Example;
import dev.durable.execution.ExecutionHandle;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * Two thousand mails. In the middle the worker is closed, as in a deploy, and another worker sends
 * the rest.
 */
public final class MailerExample implements Example {

  private static final int ALL = 2_000;
  private static final int DEPLOY_AFTER = 800;

  @Override
  public String name() {
    return "mailer";
  }

  @Override
  public String summary() {
    return "a loop over 2,000 recipients that survives a deploy, with addresses that bounce";
  }

  @Override
  public void run(DataSource dataSource, Consumer<String> out) {
    Server server = new Server(out, new AtomicInteger());
    Workflow<Campaign, Campaign.Result> workflow = MailerWorkflow.definition(server);
    List<String> recipients = IntStream.range(0, ALL).mapToObj(i -> "user" + i + "@test").toList();
    ExecutionHandle<Campaign.Result> handle;
    try (Durable before = Durable.on(dataSource).migrate(true).register(workflow).startWorker()) {
      handle = before.start(workflow, new Campaign("News", recipients));
      server.awaitSent(DEPLOY_AFTER);
    }
    out.accept("Deployed a new version after " + server.sent() + " mails.");
    try (Durable after = Durable.on(dataSource).register(workflow).startWorker()) {
      Campaign.Result result =
          requireNonNull(after.handle(handle.id(), workflow).result(ofMinutes(2)));
      out.accept(result.sent() + " sent, " + result.bounced().size() + " bounced.");
      out.accept("The server got " + server.sent() + " mails: none was sent twice.");
    }
  }

  /** A slow mail server with some unknown addresses. */
  private record Server(Consumer<String> out, AtomicInteger count) implements Postman {

    private static final int UNKNOWN = 400;
    private static final int SHOWN = 500;

    @Override
    public String send(String recipient, String key) throws InterruptedException {
      Thread.sleep(2);
      int user = Integer.parseInt(recipient.substring(4, recipient.indexOf('@')));
      if (user % UNKNOWN == UNKNOWN - 1) {
        throw new IllegalArgumentException("There is no mailbox " + recipient + ".");
      }
      int sent = count.incrementAndGet();
      if (sent % SHOWN == 0) {
        out.accept("  " + sent + " mails are out");
      }
      return "mail-" + user;
    }

    int sent() {
      return count.get();
    }

    void awaitSent(int mails) {
      try {
        while (count.get() < mails) {
          Thread.sleep(5);
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
