package dev.durable.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.examples.order.OrderWorkflow;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.json.JsonCodec;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.postgresql.ds.PGPoolingDataSource;

/** A dry run and the engine come to the same end, by the same history. */
@DisplayName("A dry run is like the engine's")
@SuppressWarnings("deprecation") // The driver's own pool is enough here.
class SameAsEngineTest {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

  private static EmbeddedPostgres postgres;
  private static PGPoolingDataSource pool;

  @BeforeAll
  static void start() {
    postgres = EmbeddedPostgres.temporary();
    pool = new PGPoolingDataSource();
    pool.setUrl(postgres.jdbcUrl("postgres"));
    pool.setUser(postgres.user());
    pool.setPassword(postgres.password());
    pool.setMaxConnections(30);
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @TestFactory
  @DisplayName("the same output, error and history")
  Stream<DynamicTest> theSame() {
    List<Story<?>> stories = new ArrayList<>(TreeStories.all());
    stories.addAll(BodyStories.all());
    stories.addAll(ForkStories.all());
    stories.addAll(ContextStories.all());
    stories.addAll(ExampleStories.all());
    Map<Story<?>, Told> real = new LinkedHashMap<>();
    Map<String, Workflow<?, ?>> workflows = workflows(stories);
    try (Durable durable =
        Durable.on(pool)
            .migrate(true)
            .register(workflows.values().toArray(Workflow[]::new))
            .worker(
                with ->
                    with.queue(Workflow.DEFAULT_QUEUE, q -> {}).queue(OrderWorkflow.QUEUE, q -> {}))
            .startWorker()) {
      Map<Story<?>, UUID> ids = new LinkedHashMap<>();
      Map<UUID, Acts> acts = new LinkedHashMap<>();
      for (Story<?> story : stories) {
        ids.put(story, begin(durable, story, workflows, acts));
      }
      ids.values().forEach(id -> toTheEnd(durable, id, acts.get(id)));
      ids.forEach((story, id) -> real.put(story, Told.real(durable, id)));
    }
    return stories.stream()
        .map(
            story ->
                DynamicTest.dynamicTest(
                    story.name(), () -> assertThat(dry(story)).isEqualTo(real.get(story))));
  }

  /** Stories of one name are told of one workflow. */
  private static Map<String, Workflow<?, ?>> workflows(List<Story<?>> stories) {
    Map<String, Workflow<?, ?>> workflows = new LinkedHashMap<>();
    for (Story<?> story : stories) {
      Workflow<?, ?> own = story.workflow().get();
      workflows.putIfAbsent(own.name(), own);
      story.others().forEach(other -> workflows.putIfAbsent(other.name(), other));
    }
    return workflows;
  }

  @SuppressWarnings("unchecked") // The story's own workflow, or an equal one.
  private static <I> UUID begin(
      Durable durable,
      Story<I> story,
      Map<String, Workflow<?, ?>> workflows,
      Map<UUID, Acts> acts) {
    String name = story.workflow().get().name();
    UUID id = durable.start((Workflow<I, ?>) workflows.get(name), story.input()).id();
    Acts own = story.acts().copy();
    own.begin(durable, id);
    acts.put(id, own);
    return id;
  }

  private static void toTheEnd(Durable durable, UUID id, Acts acts) {
    long beganAt = System.nanoTime();
    while (true) {
      acts.goOn(durable, id);
      Execution now = durable.find(id).orElseThrow();
      boolean atRest =
          now.status() == ExecutionStatus.WAITING && now.wakeAt() == null && acts.areDone();
      if (ExecutionStatus.SETTLED.contains(now.status()) || atRest) {
        return;
      }
      if (System.nanoTime() - beganAt > PATIENCE) {
        throw new IllegalStateException("It does not end: " + now);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private static <I> Told dry(Story<I> story) {
    DryRun<I, ?> run = DryRun.of(story.workflow().get());
    story.acts().tell(run);
    DryResult<?> result = run.run(story.input());
    boolean done = result.status() == ExecutionStatus.COMPLETED;
    return Told.dry(result, done ? JsonCodec.jackson().encode(result.output().orElse(null)) : null);
  }
}
