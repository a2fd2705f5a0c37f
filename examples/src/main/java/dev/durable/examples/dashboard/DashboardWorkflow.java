package dev.durable.examples.dashboard;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.Parallel;
import dev.durable.workflow.Workflow;
import java.util.List;

/** Loads the parts of a page in parallel; one of them may be missing. */
public final class DashboardWorkflow {

  private static final TypeRef<List<Integer>> NUMBERS = new TypeRef<>() {};
  private static final TypeRef<List<String>> TEXTS = new TypeRef<>() {};

  private DashboardWorkflow() {}

  /** The definition. */
  public static Workflow<Integer, Dashboard> definition(Sources sources) {
    return Workflow.define("load_dashboard", Integer.class)
        .parallel("load", Dashboard.class, par -> load(par, sources))
        .build();
  }

  private static Parallel.Joined<Integer, Dashboard> load(
      Parallel<Integer, Integer> par, Sources sources) {
    BranchRef<String> name =
        par.step("name", String.class, (customer, step) -> sources.name(customer));
    BranchRef<List<String>> orders =
        par.path("orders", TEXTS, path ->
                path.step("list", NUMBERS, sources::orders)
                    .forEach("each", TEXTS, TypeRef.of(Integer.class), numbers -> numbers, each -> each.step("read", String.class, sources::order), (numbers, results) -> results.completed(), with -> with.concurrency(5)));
    BranchRef<String> advice =
        par.step("advice", String.class, (customer, step) -> sources.advice(customer), with ->
                with.timeout(ofSeconds(2))
                    .retry(RetryPolicy.constant(ofMillis(100)).maxAttempts(2)));
    return par.completeAll()
        .join(
            (customer, results) ->
                new Dashboard(
                    results.get(name), results.get(orders), text(results.outcome(advice))));
  }

  private static String text(BranchOutcome<String> advice) {
    return switch (advice) {
      case BranchOutcome.Completed<String>(String value) -> value;
      case BranchOutcome.Failed<String> failed -> "missing: " + failed.error().message();
      case BranchOutcome.Cancelled<String> cancelled -> "not asked";
    };
  }
}
