package dev.durable.internal.store.journal;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.jdbc.StorableTime;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * The statements that write changes of waits. They are sent before those of the entries, in one
 * transaction with them, so that an execution which suspends sees its own waits.
 */
public final class WaitStatement {

  /** The executions that still belong to the owners of entries. */
  static final String MEMBERS =
      """
      owned as materialized (
        select e.id, e.lock_token as token, e.priority, e.queue, e.limit_key
        from ${rows: id uuid, token bigint} as o
        join ${schema}.workflow_executions e
          on e.id = o.id and e.lock_token = o.token and ${owned}
      )""";

  /** A map, looked up for each row that is updated: a join may read all of the table. */
  private static String byId(String column, String rows) {
    return """
        select pg_catalog.jsonb_object(array(select r.id::text from ${rows} r),
                                       array(select r.${column} from ${rows} r))"""
        .replace("${column}", column)
        .replace("${rows}", rows);
  }

  private static final StatementTemplate CHANGE =
      new StatementTemplate(
          "WaitStatement.CHANGE",
          """
      with ${clock}, ${members}, closed as (
        delete from ${schema}.wait_groups g
        where ${wait} = any (array(
          select c.id::text || '/' || c.seq::text
          from ${rows: id uuid, token bigint, seq int} as c
          join owned on owned.id = c.id and owned.token = c.token))
      ), answerless as materialized (
        select q.id, c.status
        from ${rows: id uuid, token bigint, seq int, status text} as c
        join owned on owned.id = c.id and owned.token = c.token
        cross join lateral (${c}) q
      ), unanswered as (
        update ${schema}.pending_inputs i
        set status = (${statuses}) ->> i.id::text, completed_at = ${time}
        where i.id = any (array(select a.id from answerless a)) and ${unanswered}
      ), handed as materialized (
        select q.id, a.assignees
        from ${rows: id uuid, token bigint, seq int, assignees text} as a
        join owned on owned.id = a.id and owned.token = a.token
        cross join lateral (${a}) q
      ), reassigned as (
        update ${schema}.pending_inputs i set assignees = ${assigned}
        where i.id = any (array(select h.id from handed h)) and ${unanswered}
      )
      update ${schema}.pending_events p
      set status = 'received', received_by = r.seq, received_at = ${time}
      from ${rows: id uuid, token bigint, event bigint, seq int} as r
      join owned on owned.id = r.id and owned.token = r.token
      where p.workflow_id = r.id and p.id = r.event
      """
              .replace("${wait}", SignalSql.waitOf("g"))
              .replace("${c}", SignalSql.questionOf("c.id", "c.seq"))
              .replace("${a}", SignalSql.questionOf("a.id", "a.seq"))
              .replace("${statuses}", byId("status", "answerless"))
              .replace(
                  "${assigned}",
                  AssigneesSql.ofJson("(" + byId("assignees", "handed") + ") ->> i.id::text"))
              .replace("${unanswered}", SignalSql.UNANSWERED)
              .replace("${members}", MEMBERS));

  private static final StatementTemplate OPEN =
      new StatementTemplate(
          "WaitStatement.OPEN",
          """
      with ${clock}, ${members}
      insert into ${schema}.wait_groups
        (workflow_id, kind, event_name, seq, place, path, mode, opened_at)
      select o.id, o.kind, o.name, o.seq, o.place, o.path, o.mode, ${time}
      from ${rows: id uuid, token bigint, kind text, name text, seq int, place int, path text,
                   mode text} as o
      join owned on owned.id = o.id and owned.token = o.token
      on conflict (workflow_id, kind, event_name, seq) do nothing
      """
              .replace("${members}", MEMBERS));

  private static final StatementTemplate ASK =
      new StatementTemplate(
          "WaitStatement.ASK",
          """
      with ${clock}, ${members}
      insert into ${schema}.pending_inputs
        (id, workflow_id, seq, input_name, path, input_type, prompt, fields, answer_type,
         metadata, assignees,
         status, timeout_at, inserted_at)
      select q.question, q.id, q.seq, q.name, q.path, q.type, q.prompt, q.fields::jsonb,
             q.form, q.metadata::jsonb, ${assignees}, 'pending', ${after: q.timeout}, ${time}
      from ${rows: id uuid, token bigint, question uuid, seq int, name text, path text, type text,
                   prompt text, fields text, form text, metadata text, assignees text,
                   timeout bigint} as q
      join owned on owned.id = q.id and owned.token = q.token
      """
              .replace("${assignees}", AssigneesSql.ofJson("q.assignees"))
              .replace("${members}", MEMBERS));

  /** Closes the waits of executions that have ended. */
  private static final StatementTemplate END =
      new StatementTemplate(
          "WaitStatement.END",
          """
      with ${clock}, ended as materialized (
        select e.id from ${rows: id uuid, token bigint} as o
        join ${schema}.workflow_executions e on e.id = o.id and e.lock_token = o.token
         and e.status not in ('pending', 'running', 'waiting', 'parked')
      ), ${closed}
      update ${schema}.step_executions s set status = 'cancelled', completed_at = ${time}
      where s.workflow_id = any (array(select o.id from ended o)) and s.status = 'waiting'
        and s.step_type in ('wait', 'child')
      """
              .replace("${closed}", EndingSql.closed("ended")));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(CHANGE, OPEN, ASK, END);

  private final String end;
  private final String change;
  private final String open;
  private final String ask;

  WaitStatement(Schema schema) {
    this.end = schema.of(END);
    this.change = schema.of(CHANGE);
    this.open = schema.of(OPEN);
    this.ask = schema.of(ASK);
  }

  /** Writes changes of waits. */
  void change(Pipeline pipeline, List<Entry> entries) {
    List<Ownership> owners = entries.stream().map(Entry::owner).distinct().toList();
    List<Of<WaitChanges.Awaited>> opened = all(entries, WaitChanges::awaited);
    List<Of<WaitChanges.Question>> questions = all(entries, WaitChanges.Question.class);
    if (entries.stream().anyMatch(entry -> entry.waits().changesOpen())) {
      pipeline.add(change, bind -> bindChanges(Ownership.bind(bind.now(), owners), entries));
    }
    if (!opened.isEmpty()) {
      pipeline.add(open, bind -> bindOpened(Ownership.bind(bind.now(), owners), opened));
    }
    if (!questions.isEmpty()) {
      pipeline.add(ask, bind -> bindQuestions(Ownership.bind(bind.now(), owners), questions));
    }
  }

  /** Closes the waits of executions that may have ended. */
  void end(Pipeline pipeline, List<Ownership> ended) {
    if (!ended.isEmpty()) {
      pipeline.add(end, bind -> Ownership.bind(bind.now(), ended));
    }
  }

  /** A change, and whose it is. */
  record Of<T>(Ownership owner, T change) {
    UUID id() {
      return owner.id();
    }

    long token() {
      return owner.token();
    }
  }

  static <T> Parameters owners(Parameters bind, List<Of<T>> changes) throws SQLException {
    return bind.uuids(changes, Of::id).longs(changes, Of::token);
  }

  private static void bindChanges(Parameters bind, List<Entry> entries) throws SQLException {
    List<Of<WaitChanges.Closed>> closed = all(entries, WaitChanges.Closed.class);
    List<Of<WaitChanges.Assigned>> assigned = all(entries, WaitChanges.Assigned.class);
    List<Of<WaitChanges.Taken>> taken = all(entries, WaitChanges.Taken.class);
    List<Of<Integer>> gone = all(entries, WaitChanges::gone);
    owners(bind, gone).ints(gone, Of::change);
    owners(bind, closed)
        .ints(closed, of -> of.change.seq())
        .texts(closed, of -> of.change.question());
    owners(bind, assigned)
        .ints(assigned, of -> of.change.seq())
        .texts(assigned, of -> InternalJson.write(of.change.assignees()));
    owners(bind, taken).longs(taken, of -> of.change.signal()).ints(taken, of -> of.change.seq());
  }

  private static void bindOpened(Parameters bind, List<Of<WaitChanges.Awaited>> opened)
      throws SQLException {
    owners(bind, opened)
        .texts(opened, of -> of.change.kind())
        .texts(opened, of -> of.change.name())
        .ints(opened, of -> of.change.by().seq())
        .ints(opened, of -> of.change.place())
        .texts(opened, of -> of.change.by().path())
        .texts(opened, of -> of.change.by().all() ? "all" : "any");
  }

  private static void bindQuestions(Parameters bind, List<Of<WaitChanges.Question>> questions)
      throws SQLException {
    owners(bind, questions)
        .uuids(questions, of -> of.change.id())
        .ints(questions, of -> of.change.seq())
        .texts(questions, of -> of.change.name())
        .texts(questions, of -> of.change.path())
        .texts(questions, of -> of.change.content().type())
        .texts(questions, of -> of.change.content().prompt())
        .texts(questions, of -> of.change.content().fields())
        .texts(questions, of -> of.change.content().form())
        .texts(questions, of -> of.change.content().metadata())
        .texts(questions, of -> InternalJson.write(of.change.assignees()))
        .longs(questions, of -> StorableTime.micros(of.change.limit()));
  }

  static <T extends WaitChanges.Change> List<Of<T>> all(List<Entry> entries, Class<T> kind) {
    return all(entries, waits -> waits.of(kind));
  }

  private static <T> List<Of<T>> all(List<Entry> entries, Function<WaitChanges, List<T>> kind) {
    List<Of<T>> all = new ArrayList<>();
    for (Entry entry : entries) {
      kind.apply(entry.waits()).forEach(change -> all.add(new Of<>(entry.owner(), change)));
    }
    return all;
  }
}
