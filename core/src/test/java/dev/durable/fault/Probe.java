package dev.durable.fault;

import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.crash.Victim;
import dev.durable.workflow.Workflow;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Finds out whether all slots of an engine are free: as many executions meet in their bodies. */
final class Probe {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

  private final CountDownLatch inside = new CountDownLatch(Victim.SLOTS);
  private final Workflow<String, String> workflow;

  Probe(String queue) {
    this.workflow =
        Workflow.define(queue + "-probe", String.class, with -> with.queue(queue))
            .step("meet", this::meet)
            .build();
  }

  private String meet(String text) throws InterruptedException {
    inside.countDown();
    inside.await();
    return text;
  }

  /** To be registered with the engine. */
  Workflow<String, String> workflow() {
    return workflow;
  }

  /** How many slots are not free; 0 if all is well. */
  long taken(Durable durable) throws InterruptedException {
    long until = System.nanoTime() + PATIENCE;
    while (true) {
      try {
        durable.startAll(workflow, Collections.nCopies(Victim.SLOTS, "x"), (input, with) -> {});
        break;
      } catch (DurableException notNow) {
        if (System.nanoTime() - until > 0) {
          throw notNow;
        }
        Thread.sleep(50);
      }
    }
    return inside.await(until - System.nanoTime(), TimeUnit.NANOSECONDS) ? 0 : inside.getCount();
  }

  /** Lets go of those that wait in vain. */
  void end() {
    while (inside.getCount() > 0) {
      inside.countDown();
    }
  }
}
