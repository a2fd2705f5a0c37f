package dev.durable.worker;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.json.JsonCodec;
import dev.durable.json.TypeRef;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.Workflow;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the thread that starts an instance, or an execution, carries with it stays there. */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class ForeignThreadTest {

  private static final InheritableThreadLocal<String> TENANT = new InheritableThreadLocal<>();

  private final TestDatabase db;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  ForeignThreadTest(TestDatabase db) {
    this.db = db;
  }

  private <T> T look(String where, T value) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    if (TENANT.get() != null) {
      seen.add(where + ": " + TENANT.get());
    }
    if (!Durable.class.getClassLoader().equals(loader)) {
      seen.add(where + ": " + loader);
    }
    return value;
  }

  private StepFunction<String, String> body(String where) {
    return name -> look(where, name);
  }

  /** Codecs are called on threads of the engine, too. */
  private final class Looking implements JsonCodec {
    private final JsonCodec json = JsonCodec.jackson();

    @Override
    public String encode(@Nullable Object value) {
      if (Thread.currentThread().isVirtual()) {
        look("codec", "");
      }
      return json.encode(value);
    }

    @Override
    public <T> @Nullable T decode(String text, TypeRef<T> type) {
      return json.decode(text, type);
    }
  }

  @Test
  @Proves("F13.7")
  @DisplayName("Bodies see neither thread-locals nor the class loader of the caller of start()")
  void nothingIsInherited() throws Exception {
    Workflow<String, String> workflow =
        Workflow.define("w", String.class)
            .step("plain", body("plain"))
            .step("limited", body("limited"), with -> with.timeout(Duration.ofSeconds(20)))
            .transaction("transaction", (name, tx) -> look("transaction", name))
            .forEach(
                "each",
                String.class,
                String.class,
                name -> List.of(look("list", name), name),
                item -> item.step("item", body("item")),
                (name, all) -> look("join", name))
            .sleep("nap", Duration.ofMillis(1))
            .step("after", body("after"))
            .build();
    Thread caller = Thread.currentThread();
    ClassLoader before = caller.getContextClassLoader();
    TENANT.set("acme");
    try (URLClassLoader foreign = new URLClassLoader(new URL[0], before)) {
      caller.setContextClassLoader(foreign);
      try (Durable durable =
          Durable.on(db.dataSource()).codec(new Looking()).register(workflow).startWorker()) {
        assertThat(durable.start(workflow, "a").result(SOON)).isEqualTo("a");
      }
    } finally {
      caller.setContextClassLoader(before);
      TENANT.remove();
    }
    assertThat(seen).isEmpty();
  }
}
