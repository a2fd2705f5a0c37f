package dev.durable.cli.operate;

import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.cli.Cli;
import dev.durable.cli.CommandTest;
import dev.durable.workflow.Workflow;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayName("queues")
class QueuesCommandTest extends CommandTest {

  private static final Workflow<String, String> PAYMENT =
      Workflow.define("payment", String.class, with -> with.queue("payments"))
          .step("pay", text -> text)
          .build();

  private Durable worker() {
    return Durable.on(dataSource)
        .migrate(true)
        .register(PAYMENT)
        .worker(w -> w.name("here").queue("payments", q -> q.globalConcurrency(50)))
        .startWorker();
  }

  private Cli here() {
    return cli().with("DURABLE_URL", url);
  }

  private JsonNode payments() {
    JsonNode queues =
        JsonMapper.builder().build().readTree(assertOk(here().call("queues", "--json")).out());
    for (JsonNode queue : queues) {
      if (queue.get("queue").asString().equals("payments")) {
        return queue;
      }
    }
    throw new AssertionError(queues.toString());
  }

  /** Sub-commands have the options of the command line behind them. */
  private Cli.Result change(String command, String... arguments) {
    String[] line = new String[arguments.length + 6];
    line[0] = "queues";
    line[1] = command;
    System.arraycopy(arguments, 0, line, 2, arguments.length);
    line[arguments.length + 2] = "--url=" + url;
    line[arguments.length + 3] = "--user=" + user();
    line[arguments.length + 4] = "--password=" + password();
    line[arguments.length + 5] = "--json";
    return anonymous().call(line);
  }

  @Test
  @DisplayName("lists queues with what is in them, and warns of work that no worker serves")
  void lists() {
    try (Durable durable = worker()) {
      durable.start(PAYMENT, "x", o -> o.delay(ofHours(1)));
      Cli.Result table = assertOk(here().call("queues"));
      assertThat(table.out().lines().toList())
          .anySatisfy(line -> assertThat(line).matches("QUEUE +STATE +DUE +OLDEST .*"))
          .anySatisfy(
              line ->
                  assertThat(line).matches("payments +open +0 +- +1 +0 +0 +1 +0 +1 +50 at a time"));
      assertThat(table.err()).isEmpty();
      JsonNode queue = payments();
      assertThat(queue.get("delayed").asInt()).isEqualTo(1);
      assertThat(queue.get("paused").isNull()).isTrue();
      assertThat(queue.get("limits").get("globalConcurrency").asInt()).isEqualTo(50);
      assertThat(queue.get("workers").get(0).get("name").asString()).isEqualTo("here");
    }
    Cli.Result deserted = assertOk(here().call("queues"));
    assertThat(deserted.err()).contains("Warning: Queue 'payments' has 1 execution");
    assertThat(payments().get("warning").asString()).contains("no live worker");
  }

  @Test
  @DisplayName("pauses, resumes and drains a queue, and sets its limits")
  void changes() {
    try (Durable durable = worker()) {
      assertOk(change("pause", "payments", "--reason", "bank\nis down", "--by", "jane"));
      assertThat(payments().get("paused").get("by").asString()).isEqualTo("jane");
      assertThat(assertOk(here().call("queues")).out())
          .containsPattern("payments +paused ")
          .contains(" by jane: bank is down\n");
      assertOk(change("resume", "payments"));
      assertThat(payments().get("paused").isNull()).isTrue();
      assertThat(assertOk(here().call("queues", "resume", "payments")).err())
          .contains("Queue 'payments' is not paused.");
      assertOk(change("drain", "payments", "--timeout", "5s"));
      assertThat(payments().get("paused").get("reason").asString()).contains("drained");
      assertThat(payments().get("paused").get("by").asString()).isNotEmpty();
      assertOk(
          change(
              "limits",
              "payments",
              "--rate",
              "100/1m",
              "--per-key=2",
              "--lift",
              "concurrency",
              "--fair",
              "true",
              "--aging",
              "90s",
              "--by",
              "jane"));
      assertThat(assertOk(here().call("queues")).out())
          .contains("2 per key, 100/1m, fair, aging 90s")
          .contains(" by jane; those of the code: 50 at a time\n");
      assertThat(payments().get("override").get("names").toString())
          .isEqualTo("[\"aging\",\"fair\",\"globalConcurrency\",\"perKey\",\"rate\"]");
      Cli.Result cleared = assertOk(change("limits", "payments", "--clear"));
      assertThat(cleared.out()).contains("\"override\":null");
    }
  }

  @Test
  @DisplayName("refuses what it cannot do, with the reason")
  void refuses() {
    try (Durable durable = worker()) {
      Cli.Result unknown = change("resume", "paymnets");
      assertThat(unknown.exitCode()).isEqualTo(1);
      assertThat(unknown.err()).contains("queue 'paymnets'. Known: default, payments");
      assertThat(change("pause", "payments").exitCode()).isEqualTo(2);
      assertThat(change("pause", "payments", "--reason", " ").err()).contains("blank");
      assertThat(change("limits", "payments").err()).contains("Name at least one limit", "--clear");
      assertThat(change("limits", "payments", "--rate", "1/1s", "--lift", "rate").err())
          .contains("--lift rate and --rate contradict each other");
      assertThat(change("limits", "payments", "--clear", "--per-key", "1").err())
          .contains("name none beside it");
      assertThat(change("limits", "payments", "--concurrency", "0").err())
          .contains("--concurrency must be at least 1: 0");
      assertThat(change("limits", "payments", "--per-key=0").err())
          .contains("--per-key must be at least 1: 0");
      assertThat(change("limits", "payments", "--rate", "100").err()).contains("100/1m");
      assertThat(change("limits", "payments", "--rate", "0/1m").err()).contains("at least 1: 0");
      assertThat(change("limits", "payments", "--lift", "fair").err())
          .contains("concurrency, per-key, rate, rate-per-key, aging");
      assertThat(change("drain", "payments", "--timeout", "soon").err()).contains("30s");
      assertThat(
              here().call("queues", "--url", "jdbc:postgresql://h/d", "resume", "payments").err())
          .contains("Give --url behind 'resume'.");
      assertThat(payments().get("paused").isNull()).isTrue();
    }
  }
}
