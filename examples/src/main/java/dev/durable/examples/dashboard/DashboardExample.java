package dev.durable.examples.dashboard;

import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;

import dev.durable.Durable;
import dev.durable.examples.Example;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** Three sources at once; one is unavailable. */
public final class DashboardExample implements Example {

  @Override
  public String name() {
    return "dashboard";
  }

  @Override
  public String summary() {
    return "parallel branches, a loop inside one of them, and an unavailable source";
  }

  @Override
  public void run(DataSource dataSource, Consumer<String> out) {
    Workflow<Integer, Dashboard> workflow = DashboardWorkflow.definition(new Slow(out));
    try (Durable durable = Durable.on(dataSource).migrate(true).register(workflow).startWorker()) {
      long beganAt = System.nanoTime();
      Dashboard page = requireNonNull(durable.start(workflow, 7).result(ofSeconds(30)));
      Duration time = Duration.ofNanos(System.nanoTime() - beganAt);
      out.accept("Name:   " + page.name());
      out.accept("Orders: " + page.orders());
      out.accept("Advice: " + page.advice());
      out.accept("Sources that take 1.4 s one after the other took " + time.toMillis() + " ms.");
    }
  }

  /** Sources whose calls are slow. */
  private record Slow(Consumer<String> out) implements Sources {

    private static final int PAUSE_MILLIS = 200;

    @Override
    public String name(int customer) throws InterruptedException {
      return answer("name", "Ada");
    }

    @Override
    public List<Integer> orders(int customer) throws InterruptedException {
      return answer("orders", List.of(1, 2, 3));
    }

    @Override
    public String order(int number) throws InterruptedException {
      return answer("order " + number, "order " + number);
    }

    @Override
    public String advice(int customer) throws InterruptedException {
      answer("advice", "");
      throw new IllegalStateException("The partner is away.");
    }

    private <T> T answer(String what, T value) throws InterruptedException {
      out.accept("  asking for " + what);
      Thread.sleep(PAUSE_MILLIS);
      return value;
    }
  }
}
