package dev.durable.fault;

import dev.durable.crash.FlowScenario;
import dev.durable.crash.Scenario;
import dev.durable.crash.Story;
import dev.durable.crash.WaitScenario;
import java.util.List;
import java.util.stream.Stream;

/** All stories, by name. */
final class Stories {

  static final List<Story> ALL =
      Stream.of(
              Scenario.values(),
              FlowScenario.values(),
              WaitScenario.values(),
              FaultScenario.values())
          .<Story>flatMap(Stream::of)
          .toList();

  private Stories() {}

  static Story of(String name) {
    return ALL.stream().filter(story -> story.name().equals(name)).findFirst().orElseThrow();
  }
}
