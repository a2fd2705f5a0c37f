package dev.durable.acceptance;

import dev.durable.Durable;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.wait.OpenWait;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Events, a child, and the waits of bodies that are entered more than once. */
final class BodyEntries {

  static final Event<String> TICK = Event.of("tick", String.class);
  static final Event<String> RESTOCK = Event.of("restock", String.class);
  static final Event<String> BACK = Event.of("back", String.class);
  static final Event<String> PAYMENT = Event.of("payment", String.class);

  static final Workflow<String, String> CHILD =
      Workflow.of("entry_child", String.class, String.class, (data, step) -> got(step, RESTOCK));

  private BodyEntries() {}

  static String got(StepContext<String> step, Event<String> event) {
    return step.await(event);
  }

  /** Runs parts of a body side by side, and throws the exception of the first that fails. */
  static void sideBySide(List<Runnable> parts) throws Exception {
    List<Future<?>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      parts.forEach(part -> all.add(threads.submit(part)));
    }
    for (Future<?> part : all) {
      try {
        part.get();
      } catch (ExecutionException thrown) {
        if (thrown.getCause() instanceof Error error) {
          throw error;
        }
        throw thrown;
      }
    }
  }

  /** The paths of open waits. */
  static List<String> paths(Durable durable, UUID id) {
    return durable.waits(id).stream().map(OpenWait::path).sorted().toList();
  }

  /** Whether an execution waits, and is not due soon. */
  static boolean isAtRest(TestDatabase db, UUID id) {
    return db.number(
            "select count(*) from durable.workflow_executions"
                + " where id = ?::uuid and status = 'waiting'"
                + " and (wake_at is null or wake_at > now() + interval '1 minute')",
            id.toString())
        == 1;
  }
}
