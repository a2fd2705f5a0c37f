package dev.durable.examples.dashboard;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
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
        .parallel(
            "load",
            Dashboard.class,
            par -> {
              var name = par.step("name", String.class, sources::name);
              var orders =
                  par.path(
                      "orders",
                      TEXTS,
                      path ->
                          path.step("list", NUMBERS, sources::orders)
                              .forEach(
                                  "each",
                                  TEXTS,
                                  TypeRef.of(Integer.class),
                                  numbers -> numbers,
                                  each -> each.step("read", String.class, sources::order),
                                  (numbers, read) -> read.completed(),
                                  with -> with.concurrency(5)));
              var advice =
                  par.step(
                      "advice",
                      String.class,
                      sources::advice,
                      with ->
                          with.timeout(ofSeconds(2))
                              .retry(RetryPolicy.constant(ofMillis(100)).maxAttempts(2))
                              .onFailure((customer, error) -> "missing: " + error.message()));
              return par.join(
                  (customer, results) ->
                      new Dashboard(results.get(name), results.get(orders), results.get(advice)));
            })
        .build();
  }
}
