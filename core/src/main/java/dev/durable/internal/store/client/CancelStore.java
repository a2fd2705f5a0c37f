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
import dev.durable.internal.text.StorableText;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Cancels executions, with their children. */
public final class CancelStore {

  /** Sent after the lock: a locked execution starts no more children. */
  private static final StatementTemplate HAS_CHILDREN =
      new StatementTemplate(
          "CancelStore.HAS_CHILDREN",
          """
          select exists (select 1 from ${schema}.workflow_executions c
                         where c.parent_workflow_id = ?::uuid)
          """);

  /** Cancels; a definition may ask to compensate completed steps first. */
  private static final StatementTemplate CANCEL =
      new StatementTemplate(
          "CancelStore.CANCEL",
          """
          with ${clock}, before as materialized (
            ${before} where e.id = ?::uuid
          ), cancelled as (
            ${cancelled}
          ), steps as (
            update ${schema}.step_executions s set status = 'cancelled', completed_at = ${time}
            where s.workflow_id = any (array(select o.id from cancelled o))
              and s.status in ('running', 'waiting')
          ), ${closed}
          select b.status::name, c.id is not null, c.lock_token,
                 case when c.locked_by is not null
                   then 'c' || c.id::text || ':' || c.lock_token::text end,
                 case when c.undo then 'q' || c.queue end
          from before b left join cancelled c on c.id = b.id
          """
              .replace("${before}", EndingSql.BEFORE)
              .replace("${cancelled}", EndingSql.CANCELLED)
              .replace("${closed}", EndingSql.closed("cancelled")));

  public static final List<StatementTemplate> STATEMENTS = List.of(HAS_CHILDREN, CANCEL);

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
    Objects.requireNonNull(reason, "reason");
    String error =
        InternalJson.write(ErrorInfo.of(ErrorInfo.CANCELLED, StorableText.storable(reason), null));
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
            schema.of(CANCEL),
            bind -> bind.now().uuid(id).text(error),
            row -> {
              command.require(row, id, "cancel", "pending, running, waiting and parked");
              lost.set(new Ownership(id, row.getLong(3)));
              pipeline.hint(row.getString(4));
              pipeline.hint(row.getString(5));
            });
    List<EndedRow> ended = List.of(new EndedRow(id, null));
    Pipeline below = new Pipeline();
    descendants.cancel(below, ended, List.of(), pipeline.hints());
    pipeline.addIf(children::get, below);
    parents.report(pipeline, ended, pipeline.hints());
    pipeline.execute(database, "cancel execution " + id);
    return lost.get();
  }
}
