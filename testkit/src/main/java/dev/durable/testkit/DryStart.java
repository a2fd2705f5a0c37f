package dev.durable.testkit;

import dev.durable.internal.text.IndexedText;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.Workflow;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a start gives an execution, and its steps may know. */
record DryStart(
    @Nullable String key,
    @Nullable String queue,
    Map<String, String> tags,
    @Nullable String schedule,
    @Nullable Instant tick) {

  static final DryStart PLAIN = new DryStart(null, null, Map.of(), null, null);

  static DryStart of(ChildOptions options) {
    return new DryStart(options.key(), options.queue(), options.tags(), null, null);
  }

  DryStart withKey(String businessKey) {
    return new DryStart(text(businessKey, "key"), queue, tags, schedule, tick);
  }

  DryStart in(String name) {
    return new DryStart(key, text(name, "queue"), tags, schedule, tick);
  }

  DryStart tagged(String name, String value) {
    Map<String, String> all = new HashMap<>(tags);
    all.put(text(name, "tag name"), text(value, "tag value"));
    return new DryStart(key, queue, Map.copyOf(all), schedule, tick);
  }

  DryStart by(String name, @Nullable Instant at) {
    return new DryStart(key, queue, tags, text(name, "schedule"), at);
  }

  private static String text(String given, String what) {
    return IndexedText.require(Objects.requireNonNull(given, what), what);
  }

  ExecutionInfo info(UUID id, Workflow<?, ?> workflow) {
    String where = Objects.requireNonNullElse(queue, workflow.queue());
    return new ExecutionInfo(
        id, workflow.name(), workflow.version(), key, where, tags, schedule, tick);
  }
}
