package dev.durable.internal.store;

import java.util.List;
import java.util.stream.Stream;

/** Every statement that the engine sends. What a test demands of them is demanded of all. */
public final class Statements {

  private Statements() {}

  /** All of them. Those that are put together at run time come with all their parts. */
  public static List<Template> all() {
    return Stream.of(
            DefinitionStore.STATEMENTS,
            EventStore.STATEMENTS,
            ExecutionStore.STATEMENTS,
            HintSender.STATEMENTS,
            HistoryStore.STATEMENTS,
            InputStore.STATEMENTS,
            QueryStore.STATEMENTS)
        .flatMap(List::stream)
        .toList();
  }
}
