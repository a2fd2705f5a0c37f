package dev.durable.cli.demo;

import dev.durable.Durable;
import dev.durable.StartOptions;
import dev.durable.examples.order.Order;
import dev.durable.examples.order.OrderWorkflow;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.Page;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pass through a file of orders. The number is part of each business key, so starting an order
 * again within a run finds its execution.
 *
 * @param number counts from 1
 */
record DemoRun(int number) {

  private static final String RUN = "run";
  private static final String SIZE = "size";
  private static final int PAGE = 500;

  /** The last run in this database, or null. */
  static @Nullable DemoRun last(Durable durable) {
    List<Execution> newest =
        durable.executions(q -> q.workflow(OrderWorkflow.NAME).limit(1)).items();
    return newest.isEmpty() ? null : new DemoRun(Integer.parseInt(tag(newest.get(0), RUN)));
  }

  DemoRun next() {
    return new DemoRun(number + 1);
  }

  /** The start options of an order of this run. */
  StartOptions options(Order order, int size, StartOptions with) {
    return with.key(RUN + "-" + number + "/" + order.id())
        .tag(RUN, Integer.toString(number))
        .tag(SIZE, Integer.toString(size));
  }

  /** The orders of this run. */
  ExecutionQuery filter(ExecutionQuery query) {
    return query.workflow(OrderWorkflow.NAME).tag(RUN, Integer.toString(number));
  }

  /** The number of orders in each status. */
  Counts counts(Durable durable) {
    return new Counts(durable.countByStatus(this::filter));
  }

  /**
   * The number of orders in the file at the begin of the run; a crash may have prevented starts.
   */
  int size(Durable durable) {
    return durable.executions(q -> filter(q).limit(1)).items().stream()
        .mapToInt(execution -> Integer.parseInt(tag(execution, SIZE)))
        .findFirst()
        .orElse(0);
  }

  /** All orders of this run. */
  List<Execution> executions(Durable durable) {
    List<Execution> all = new ArrayList<>();
    Page<Execution> page = durable.executions(q -> filter(q).limit(PAGE));
    all.addAll(page.items());
    while (page.next() != null) {
      var last = page.next();
      page = durable.executions(q -> filter(q).limit(PAGE).after(last));
      all.addAll(page.items());
    }
    return all;
  }

  /** The order's id. */
  static String orderId(Execution execution) {
    String key = execution.key();
    return key == null ? execution.id().toString() : key.substring(key.indexOf('/') + 1);
  }

  private static String tag(Execution execution, String name) {
    return execution.tags().getOrDefault(name, "0");
  }
}
