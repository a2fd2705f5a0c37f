package dev.durable.internal.store;

import dev.durable.internal.store.client.CancelStore;
import dev.durable.internal.store.client.CommandStatement;
import dev.durable.internal.store.client.DefinitionStore;
import dev.durable.internal.store.client.DeployStore;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.MailboxStore;
import dev.durable.internal.store.client.QueryStore;
import dev.durable.internal.store.client.QuestionStore;
import dev.durable.internal.store.client.QueueStateStore;
import dev.durable.internal.store.client.QueueStore;
import dev.durable.internal.store.client.RegistrationStore;
import dev.durable.internal.store.client.RescheduleStore;
import dev.durable.internal.store.client.RetryStore;
import dev.durable.internal.store.client.UncommittedStarts;
import dev.durable.internal.store.client.WaitStore;
import dev.durable.internal.store.jdbc.HintStatement;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.ChildCancelStatement;
import dev.durable.internal.store.journal.ChildStartStatement;
import dev.durable.internal.store.journal.DebounceStatement;
import dev.durable.internal.store.journal.EntryLockStatement;
import dev.durable.internal.store.journal.EntryStatement;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.ParentReportStatement;
import dev.durable.internal.store.journal.RestartStatement;
import dev.durable.internal.store.journal.RevivalStatement;
import dev.durable.internal.store.journal.StartLookup;
import dev.durable.internal.store.journal.StartStatement;
import dev.durable.internal.store.journal.StartedRevivalStatement;
import dev.durable.internal.store.journal.TransitionStatement;
import dev.durable.internal.store.journal.WaitStatement;
import dev.durable.internal.store.schedule.BackfillStore;
import dev.durable.internal.store.schedule.ScheduleStore;
import dev.durable.internal.store.schedule.TickStore;
import dev.durable.internal.store.schedule.UndeclaredStore;
import dev.durable.internal.store.worker.ClaimStatement;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.CompensationStore;
import dev.durable.internal.store.worker.DeadWorkerStore;
import dev.durable.internal.store.worker.DeadlineStore;
import dev.durable.internal.store.worker.HistoryStatement;
import dev.durable.internal.store.worker.HistoryStore;
import dev.durable.internal.store.worker.LimitStore;
import dev.durable.internal.store.worker.LimitedClaimStatement;
import dev.durable.internal.store.worker.OrphanStore;
import dev.durable.internal.store.worker.OwnedDeadlineStore;
import dev.durable.internal.store.worker.ParkedStore;
import dev.durable.internal.store.worker.TakeoverStore;
import dev.durable.internal.store.worker.WakeStatement;
import dev.durable.internal.store.worker.WorkerStore;
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
            LimitedClaimStatement.STATEMENTS,
            LimitStore.STATEMENTS,
            WakeStatement.STATEMENTS,
            CompensationStore.STATEMENTS,
            DeadlineStore.STATEMENTS,
            OwnedDeadlineStore.STATEMENTS,
            ParkedStore.STATEMENTS,
            DeployStore.STATEMENTS,
            DefinitionStore.STATEMENTS,
            RegistrationStore.STATEMENTS,
            EntryLockStatement.STATEMENTS,
            EntryStatement.STATEMENTS,
            TransitionStatement.STATEMENTS,
            MailboxStore.STATEMENTS,
            WaitStore.STATEMENTS,
            ExecutionStore.STATEMENTS,
            UncommittedStarts.STATEMENTS,
            CommandStatement.STATEMENTS,
            CancelStore.STATEMENTS,
            RetryStore.STATEMENTS,
            RescheduleStore.STATEMENTS,
            ChildCancelStatement.STATEMENTS,
            ParentReportStatement.STATEMENTS,
            HintStatement.STATEMENTS,
            HistoryStore.STATEMENTS,
            HistoryStatement.STATEMENTS,
            QuestionStore.STATEMENTS,
            JournalStore.STATEMENTS,
            WorkerStore.STATEMENTS,
            DeadWorkerStore.STATEMENTS,
            TakeoverStore.STATEMENTS,
            OrphanStore.STATEMENTS,
            QueryStore.STATEMENTS,
            QueueStore.STATEMENTS,
            QueueStateStore.STATEMENTS,
            RevivalStatement.STATEMENTS,
            StartedRevivalStatement.STATEMENTS,
            ChildStartStatement.STATEMENTS,
            RestartStatement.STATEMENTS,
            ScheduleStore.STATEMENTS,
            TickStore.STATEMENTS,
            BackfillStore.STATEMENTS,
            UndeclaredStore.STATEMENTS,
            DebounceStatement.STATEMENTS,
            StartStatement.STATEMENTS,
            StartLookup.STATEMENTS,
            WaitStatement.STATEMENTS)
        .flatMap(List::stream)
        .toList();
  }
}
