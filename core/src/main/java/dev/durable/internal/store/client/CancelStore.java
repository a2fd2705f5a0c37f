package dev.durable.internal.store.client;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.ChildCancelStatement;
import dev.durable.internal.store.journal.EndedRow;
import dev.durable.internal.store.journal.EndingSql;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.ParentReportStatement;
import dev.durable.internal.text.Reason;
import dev.durable.internal.text.StorableText;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Cancels executions and gives them up, with their children. */
public final class CancelStore {

  /** Sent after the lock: a locked execution starts no more children. */
  private static final StatementTemplate HAS_CHILDREN =
      new StatementTemplate(
          "CancelStore.HAS_CHILDREN",
          """
          select exists (select 1 from ${schema}.workflow_executions c
                         where c.parent_workflow_id = ?::uuid)
          """);

  /** A definition may ask to compensate completed steps first. */
  private static final StatementTemplate CANCEL =
      ending("CancelStore.CANCEL", EndingSql.BEFORE, EndingSql.CANCELLED);

  private static final StatementTemplate GIVE_UP =
      ending("CancelStore.GIVE_UP", EndingSql.BEFORE_GIVING_UP, EndingSql.GIVEN_UP);

  public static final List<StatementTemplate> STATEMENTS = List.of(HAS_CHILDREN, CANCEL, GIVE_UP);

  private static StatementTemplate ending(String name, String before, String ended) {
    return new StatementTemplate(
        name,
        """
          with ${clock}, before as materialized (
            ${before} where e.id = ?::uuid
          ), gone as (
            ${ended}
          ), steps as (
            update ${schema}.step_executions s set status = 'cancelled', completed_at = ${time}
            where s.workflow_id = any (array(select o.id from gone o))
              and s.status in ('running', 'waiting')
          ), ${closed}
          select b.status::name, c.id is not null, c.lock_token,
                 case when c.locked_by is not null
                   then 'c' || c.id::text || ':' || c.lock_token::text end,
                 case when c.undo then 'q' || c.queue end
          from before b left join gone c on c.id = b.id
          """
            .replace("${before}", before)
            .replace("${ended}", ended)
            .replace("${closed}", EndingSql.closed("gone")));
  }

  private final Database database;
  private final Schema schema;
  private final CommandStatement command;
  private final ChildCancelStatement descendants;
  private final ParentReportStatement parents;

  /**
   * @param database where; its hint sender reports the executions that a change affects
   * @param schema whose tables
   */
  public CancelStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
    this.command = new CommandStatement(schema);
    this.descendants = new ChildCancelStatement(schema);
    this.parents = new ParentReportStatement(schema);
  }

  /**
   * Cancels an execution.
   *
   * @return the execution, with the token that its owner has lost
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it has ended
   */
  public Ownership cancel(UUID id, String reason) {
    return end(
        CANCEL, id, ErrorInfo.CANCELLED, reason, "cancel", "pending, running, waiting and parked");
  }

  /**
   * Gives up a parked execution: it fails, after what it has done is undone.
   *
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it is not parked
   */
  public void giveUp(UUID id, String reason) {
    end(GIVE_UP, id, ErrorInfo.GIVEN_UP, reason, "give up", "parked");
  }

  private Ownership end(
      StatementTemplate ending,
      UUID id,
      String type,
      String reason,
      String operation,
      String allowed) {
    Reason.require(reason);
    String error = InternalJson.write(ErrorInfo.of(type, StorableText.storable(reason), null));
    AtomicReference<Ownership> lost = new AtomicReference<>(new Ownership(id, 0));
    Pipeline pipeline = new Pipeline();
    AtomicBoolean children = new AtomicBoolean();
    command.lock(pipeline, id);
    pipeline
        .repeat(
            schema.of(HAS_CHILDREN),
            bind -> bind.uuid(id),
            row -> {
              children.set(row.next() && row.getBoolean(1));
              return false;
            })
        .add(
            schema.of(ending),
            bind -> bind.now().uuid(id).text(error),
            row -> {
              command.require(row, id, operation, allowed);
              lost.set(new Ownership(id, row.getLong(3)));
              pipeline.hint(row.getString(4));
              pipeline.hint(row.getString(5));
            });
    List<EndedRow> ended = List.of(new EndedRow(id, null));
    Pipeline below = new Pipeline();
    descendants.cancel(below, ended, List.of(), pipeline.hints());
    pipeline.addIf(children::get, below);
    parents.report(pipeline, ended, pipeline.hints());
    pipeline.execute(database, operation + " execution " + id);
    return lost.get();
  }
}
