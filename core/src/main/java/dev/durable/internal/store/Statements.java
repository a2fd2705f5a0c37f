package dev.durable.internal.store;

import java.util.List;
import java.util.stream.Stream;

/** Every statement that the engine sends. What a test demands of them is demanded of all. */
public final class Statements {

  private Statements() {}

  /** All of them. Those that are put together at run time come with all their parts. */
  public static List<StatementTemplate> all() {
    return Stream.of(
            ClaimStore.STATEMENTS,
            ClaimStatement.STATEMENTS,
            CompensationStore.STATEMENTS,
            DeadlineStore.STATEMENTS,
            ParkedStore.STATEMENTS,
            DeployStore.STATEMENTS,
            DefinitionStore.STATEMENTS,
            EntryStatement.STATEMENTS,
            MailboxStore.STATEMENTS,
            WaitStore.STATEMENTS,
            ExecutionStore.STATEMENTS,
            ParentChildStatement.STATEMENTS,
            HintStatement.STATEMENTS,
            HistoryStore.STATEMENTS,
            InputStore.STATEMENTS,
            JournalStore.STATEMENTS,
            WorkerStore.STATEMENTS,
            TakeoverStore.STATEMENTS,
            QueryStore.STATEMENTS,
            RevivalStatement.STATEMENTS,
            StartStatement.STATEMENTS,
            WaitStatement.STATEMENTS)
        .flatMap(List::stream)
        .toList();
  }
}
