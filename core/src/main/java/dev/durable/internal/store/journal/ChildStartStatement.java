package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.jdbc.StorableTime;
import dev.durable.internal.store.journal.WaitStatement.Of;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * The statements that store children. They are sent after those that open the waits for them, in
 * one transaction with these and with the entries of their parents.
 */
public final class ChildStartStatement {

  /**
   * A child with a key that is taken refuses the entry, unless its end is to be reported. What the
   * call does not name, the child has from its parent, but not a queue in which the parent keeps
   * its place while it waits for the child. In a limited queue it has an empty limit key if it has
   * none.
   */
  private static final String BEAR =
      """
      with ${clock}, ${members}, born as materialized (
        select c.*, case when c.inherits = 1 and owned.queue not in (
                      select q.name from ${schema}.queues q where q.counts_waiting)
                    then owned.queue else c.queue end as place,
               coalesce(c.priority, owned.priority) as level,
               coalesce(c.limit_key, nullif(owned.limit_key, '')) as counted
        from ${rows: id uuid, token bigint, child uuid, name text, version int, fingerprint text,
                     key text, queue text, inherits int, priority int, limit_key text, input text,
                     tags text, timeout bigint, step text, policy text} as c
        join owned on owned.id = c.id and owned.token = c.token
      )
      insert into ${schema}.workflow_executions
        (id, workflow_name, workflow_version, fingerprint, workflow_key, status, queue, priority,
         input, tags, wake_at, deadline_at, parent_workflow_id, parent_step, parent_close_policy,
         inserted_at, updated_at, limit_key)
      select b.child, b.name, b.version, b.fingerprint, b.key, 'pending', b.place, b.level,
             b.input::json, b.tags::jsonb, ${time}, ${after: b.timeout}, b.id, b.step, b.policy,
             ${time}, ${time},
             coalesce(b.counted, case when b.place in (
               select q.name from ${schema}.queues q where q.limited) then '' end)
      from born b
      order by b.name, b.key, b.child
      ${conflict}returning queue
      """
          .replace("${members}", WaitStatement.MEMBERS);

  private static final StatementTemplate BEAR_ALL =
      new StatementTemplate("ChildStartStatement.BEAR_ALL", BEAR.replace("${conflict}", ""));

  private static final StatementTemplate BEAR_UNLESS_TAKEN =
      new StatementTemplate(
          "ChildStartStatement.BEAR_UNLESS_TAKEN",
          BEAR.replace(
              "${conflict}",
              "on conflict (workflow_name, workflow_key) where workflow_key is not null"
                  + " do nothing\n"));

  /**
   * Takes the keys of children that have ended without a result, for those that the same steps of
   * their parents start instead. A child that is stored already, by a try whose answer was lost,
   * takes no key again.
   */
  private static final StatementTemplate FREE =
      new StatementTemplate(
          "ChildStartStatement.FREE",
          """
      with ${clock}, ${members}, ended as materialized (
        select e.id
        from ${rows: id uuid, token bigint, child uuid, name text, key text, step text} as c
        join owned on owned.id = c.id and owned.token = c.token
        join ${schema}.workflow_executions e
          on e.workflow_name = c.name and e.workflow_key = c.key
        where e.parent_workflow_id = c.id and e.parent_step = c.step and e.status in ${fruitless}
          and not exists (select 1 from ${schema}.workflow_executions n where n.id = c.child)
        order by e.id
      )
      update ${schema}.workflow_executions e
      set former_key = e.workflow_key, workflow_key = null, updated_at = ${time}
      from ended
      where e.id = ended.id and e.workflow_key is not null and e.status in ${fruitless}
      """
              .replace("${fruitless}", EndingSql.FRUITLESS)
              .replace("${members}", WaitStatement.MEMBERS));

  /**
   * Reports to parents that wait for a child which was not started that another execution has its
   * key. The last place in the mailbox is looked up once, as for ends of children.
   */
  private static final StatementTemplate REPORT =
      new StatementTemplate(
          "ChildStartStatement.REPORT",
          """
      with ${clock}, ${members}, taken as materialized (
        select c.id, c.child, h.id as holder
        from ${rows: id uuid, token bigint, child uuid, name text, key text} as c
        join owned on owned.id = c.id and owned.token = c.token
        left join ${schema}.workflow_executions h
          on h.workflow_name = c.name and h.workflow_key = c.key
        where not exists (select 1 from ${schema}.workflow_executions n where n.id = c.child)
      ), parents as materialized (
        select e.id, ${last} as last from (select distinct t.id from taken t) e
      )
      insert into ${schema}.pending_events
        (workflow_id, id, kind, event_name, payload, status, inserted_at)
      select t.id, p.last + pg_catalog.row_number() over (partition by t.id order by t.child),
             'child', t.child::text,
             ('{"status":"cancelled","output":null,"error":null'
               || coalesce(',"holder":"' || t.holder::text || '"', '') || '}')::json,
             'pending', ${time}
      from taken t join parents p on p.id = t.id
      returning workflow_id
      """
              .replace("${last}", SignalSql.LAST)
              .replace("${members}", WaitStatement.MEMBERS));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS =
      List.of(BEAR_ALL, FREE, BEAR_UNLESS_TAKEN, REPORT);

  private final String bearAll;
  private final String free;
  private final String bearUnlessTaken;
  private final String report;

  ChildStartStatement(Schema schema) {
    this.bearAll = schema.of(BEAR_ALL);
    this.free = schema.of(FREE);
    this.bearUnlessTaken = schema.of(BEAR_UNLESS_TAKEN);
    this.report = schema.of(REPORT);
  }

  /** Stores children; adds hints for their queues, and for parents that get a report. */
  void bear(Pipeline pipeline, List<Entry> entries, Collection<String> hints) {
    List<Of<WaitChanges.Child>> children = WaitStatement.all(entries, WaitChanges.Child.class);
    bear(
        pipeline,
        bearAll,
        children.stream().filter(of -> !of.change().mayBeTaken()).toList(),
        hints);
    List<Of<WaitChanges.Child>> keyed =
        children.stream().filter(of -> of.change().mayBeTaken()).toList();
    if (!keyed.isEmpty()) {
      pipeline.add(free, bind -> keys(bind, keyed).texts(keyed, of -> of.change().step()));
      bear(pipeline, bearUnlessTaken, keyed, hints);
      pipeline.add(
          report,
          bind -> keys(bind, keyed),
          result -> {
            while (result.next()) {
              hints.add(Hint.signalled(result.getObject(1, UUID.class)));
            }
          });
    }
  }

  private static Parameters keys(Parameters bind, List<Of<WaitChanges.Child>> keyed)
      throws SQLException {
    return WaitStatement.owners(Ownership.bind(bind.now(), owners(keyed)), keyed)
        .uuids(keyed, of -> of.change().row().id())
        .texts(keyed, of -> of.change().row().workflow())
        .texts(keyed, of -> of.change().row().key());
  }

  private static void bear(
      Pipeline pipeline,
      String statement,
      List<Of<WaitChanges.Child>> children,
      Collection<String> hints) {
    if (!children.isEmpty()) {
      pipeline.add(
          statement,
          bind -> bind(Ownership.bind(bind.now(), owners(children)), children),
          result -> {
            while (result.next()) {
              hints.add(Hint.work(result.getString(1)));
            }
          });
    }
  }

  private static List<Ownership> owners(List<Of<WaitChanges.Child>> children) {
    return children.stream().map(Of::owner).distinct().toList();
  }

  private static void bind(Parameters bind, List<Of<WaitChanges.Child>> children)
      throws SQLException {
    WaitStatement.owners(bind, children)
        .uuids(children, of -> of.change().row().id())
        .texts(children, of -> of.change().row().workflow())
        .ints(children, of -> of.change().row().version())
        .texts(children, of -> of.change().row().fingerprint())
        .texts(children, of -> of.change().row().key())
        .texts(children, of -> of.change().row().queue())
        .ints(children, of -> of.change().row().turn().inherited() ? 1 : null)
        .ints(children, of -> of.change().priority())
        .texts(children, of -> of.change().row().turn().limitKey())
        .texts(children, of -> of.change().row().input())
        .texts(children, of -> StartStatement.tags(of.change().row()))
        .longs(children, of -> StorableTime.micros(of.change().row().timeout()))
        .texts(children, of -> of.change().step())
        .texts(children, of -> of.change().closePolicy());
  }
}
