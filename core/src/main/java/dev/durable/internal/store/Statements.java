package dev.durable.internal.store;

import java.util.List;
import java.util.stream.Stream;

/** The registry of all statements of the engine, so that tests can check each of them. */
public final class Statements {

  private Statements() {}

  /** All statements. Those that are composed at run time have all their parts. */
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
