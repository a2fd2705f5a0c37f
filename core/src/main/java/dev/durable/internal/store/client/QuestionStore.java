package dev.durable.internal.store.client;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.AssigneesSql;
import dev.durable.internal.store.journal.SignalSql;
import dev.durable.json.TypeRef;
import dev.durable.question.FormField;
import dev.durable.question.OpenQuestion;
import dev.durable.question.QuestionQuery;
import dev.durable.question.QuestionStatus;
import dev.durable.question.QuestionType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Questions to people. */
public final class QuestionStore {

  private static final TypeRef<List<String>> CHOICES = new TypeRef<>() {};

  /** Whether the time of the question {@code i} is over, even if it is still open. */
  private static final String OVER =
      "coalesce(i.timeout_at <= ${time}, false) or " + SignalSql.LATE;

  private static final String LIST =
      """
      with ${clock}
      select i.id, i.workflow_id, e.workflow_name, i.input_name, i.path, i.input_type,
             i.prompt, i.fields, i.metadata, i.assignees, i.status, i.response, i.responded_by,
             i.timeout_at, i.inserted_at, i.completed_at, i.answer_type, i.reassignments
      from ${schema}.pending_inputs i
      join ${schema}.workflow_executions e on e.id = i.workflow_id
      ${where}
      order by i.inserted_at, i.id limit ?::bigint
      """;

  /**
   * The question that is answered, and its execution, if it is still open. The question is looked
   * up by itself: joined at once, PostgreSQL may read all questions.
   */
  private static final String ASKED =
      """
      asked as (
        select i.id, i.seq, i.workflow_id, e.status
        from (select q.id, q.seq, q.workflow_id, q.status, q.timeout_at
              from ${schema}.pending_inputs q where q.id = ?::uuid offset 0) i
        join ${schema}.workflow_executions e on e.id = i.workflow_id
        where i.status = 'pending' and e.status in ('pending', 'running', 'waiting', 'parked')
          and not (${over})
      )"""
          .replace("${over}", OVER);

  /** The first answer closes the question; its execution gets it like an event. */
  private static final StatementTemplate SEND =
      new StatementTemplate(
          "QuestionStore.SEND",
          """
          with ${clock}, ${asked}
          insert into ${schema}.pending_events
            (workflow_id, id, kind, event_name, payload, status, inserted_at)
          select e.id, ${last} + 1::bigint, 'input', a.seq::text, ?::json, 'pending', ${time}
          from asked a join ${schema}.workflow_executions e on e.id = a.workflow_id
          """
              .replace("${last}", SignalSql.LAST)
              .replace("${asked}", ASKED));

  private static final StatementTemplate ANSWER =
      new StatementTemplate(
          "QuestionStore.ANSWER",
          """
          with ${clock}, ${asked}, answered as (
            update ${schema}.pending_inputs i
            set status = 'completed', response = ?::json, responded_by = ?::text,
                completed_at = ${time}
            where i.id = any (array(select a.id from asked a)) and ${unanswered}
            returning i.workflow_id, (select a.status from asked a) as status
          ), woken as (
            ${wake}
            from answered a where e.id = a.workflow_id and e.status = 'waiting'
            returning e.queue
          )
          select case ${hint}
          from answered left join woken on true
          """
              .replace("${wake}", SignalSql.WAKE)
              .replace(
                  "${hint}",
                  SignalSql.hint("woken.queue", "answered.status", "answered.workflow_id"))
              .replace("${unanswered}", SignalSql.UNANSWERED)
              .replace("${asked}", ASKED));

  /**
   * Sent after the lock, which an escalation takes as well: the assignees before are those that the
   * last of them gave the question.
   */
  private static final StatementTemplate REASSIGN =
      new StatementTemplate(
          "QuestionStore.REASSIGN",
          """
          with ${clock}, ${asked}
          update ${schema}.pending_inputs i
          set assignees = ?::text[],
              reassignments = coalesce(i.reassignments, '[]'::jsonb)
                || pg_catalog.jsonb_set(pg_catalog.jsonb_set(?::jsonb,
                     '{from}'::text[], ${from}, true),
                     '{at}'::text[], (extract(epoch from (select t.utc from t))
                                      * 1000000::numeric)::bigint::text::jsonb, true)
          where i.id = any (array(select a.id from asked a)) and ${unanswered}
          returning i.id
          """
              .replace("${from}", AssigneesSql.toJson("i.assignees"))
              .replace("${unanswered}", SignalSql.UNANSWERED)
              .replace("${asked}", ASKED));

  public static final List<StatementTemplate> STATEMENTS =
      List.of(
          new StatementTemplate(
              "QuestionStore.LIST",
              list(
                  conditions(
                      QuestionQuery.of(
                          with ->
                              with.execution(new UUID(0, 0))
                                  .workflow("any")
                                  .name("any")
                                  .assignee("any")
                                  .type(QuestionType.TEXT)),
                      false))),
          SEND,
          ANSWER,
          REASSIGN);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where; its hint sender reports the executions that get an answer
   * @param schema whose tables
   */
  public QuestionStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /**
   * A question, and what only the engine needs of it.
   *
   * @param form the name of a form's record, or null
   */
  public record Asked(OpenQuestion question, @Nullable String form) {}

  /** The questions that match. */
  public List<OpenQuestion> list(QuestionQuery query) {
    return asked(query).stream().map(Asked::question).toList();
  }

  /** The same, with what only the engine needs. */
  public List<Asked> asked(QuestionQuery query) {
    return asked(query, false);
  }

  /**
   * The questions that match.
   *
   * @param over whether to list the open questions whose time is over, or the others
   */
  public List<Asked> asked(QuestionQuery query, boolean over) {
    QueryConditions conditions = conditions(query, over);
    return database.query(
        "list questions",
        schema.of(list(conditions)),
        conditions::bindAll,
        Answer.all(row -> new Asked(read(row), row.getString("answer_type"))));
  }

  private static QueryConditions conditions(QuestionQuery query, boolean over) {
    QueryConditions conditions = new QueryConditions();
    conditions.bind(Parameters::now);
    query
        .execution()
        .ifPresent(id -> conditions.add("i.workflow_id = ?::uuid", bind -> bind.uuid(id)));
    query
        .workflow()
        .ifPresent(w -> conditions.add("e.workflow_name = ?::text", bind -> bind.text(w)));
    query
        .name()
        .ifPresent(
            name ->
                conditions.add(
                    "(i.input_name = ?::text or i.path = ?::text)",
                    bind -> bind.text(name).text(name)));
    List<String> assignees = query.assignees();
    if (!assignees.isEmpty()) {
      conditions.add(assigned(query), bind -> bind.texts(assignees, each -> each));
    }
    query
        .type()
        .ifPresent(t -> conditions.add("i.input_type = ?::text", bind -> bind.text(t.text())));
    conditions.add("i.status = ?::text", bind -> bind.text(query.status().text()));
    if (query.status() == QuestionStatus.PENDING) {
      conditions.add("(" + OVER + ") = ?::boolean", bind -> bind.flag(over));
    }
    conditions.bind(bind -> bind.number(query.limit()));
    return conditions;
  }

  /**
   * Whether one of some people is asked. They are looked up by themselves: in one query with the
   * order, PostgreSQL may read all questions from the oldest on. The few questions of one execution
   * are looked at each.
   */
  private static String assigned(QuestionQuery query) {
    if (query.execution().isPresent()) {
      return "i.assignees operator(pg_catalog.&&) ?::text[]";
    }
    boolean open = query.status() == QuestionStatus.PENDING;
    return "i.id = any (array(select q.id from ${schema}.pending_inputs q"
        + (open ? " where q.status = 'pending'" : " where q.status <> 'pending'")
        + " and q.assignees operator(pg_catalog.&&) ?::text[]))";
  }

  private static String list(QueryConditions conditions) {
    return LIST.replace("${where}", conditions.where());
  }

  private static OpenQuestion read(ResultSet row) throws SQLException {
    QuestionType type = QuestionType.of(row.getString("input_type"));
    String fields = row.getString("fields");
    boolean form = type == QuestionType.FORM;
    List<String> choices = form || fields == null ? List.of() : InternalJson.read(fields, CHOICES);
    List<FormField> formFields = form && fields != null ? FormFieldsJson.read(fields) : List.of();
    return new OpenQuestion(
        row.getObject("id", UUID.class),
        row.getObject("workflow_id", UUID.class),
        row.getString("workflow_name"),
        row.getString("input_name"),
        row.getString("path"),
        type,
        row.getString("prompt"),
        choices,
        formFields,
        InternalJson.tags(row.getString("metadata")),
        RowReader.texts(row, "assignees"),
        QuestionStatus.of(row.getString("status")),
        row.getString("response"),
        row.getString("responded_by"),
        RowReader.time(row, "timeout_at"),
        RowReader.requiredTime(row, "inserted_at"),
        RowReader.time(row, "completed_at"),
        ReassignmentsJson.read(row.getString("reassignments")));
  }

  /**
   * Answers a question.
   *
   * @return false if it is no longer open
   */
  public boolean answer(OpenQuestion question, String json, String by) {
    AtomicBoolean first = new AtomicBoolean();
    Pipeline pipeline = new Pipeline();
    pipeline
        .add(schema.of(SignalSql.LOCK), bind -> bind.uuid(question.executionId()))
        .add(schema.of(SEND), bind -> bind.now().uuid(question.id()).text(json))
        .add(
            schema.of(ANSWER),
            bind -> bind.now().uuid(question.id()).text(json).text(by),
            row -> {
              first.set(row.next());
              if (first.get()) {
                pipeline.hint(row.getString(1));
              }
            })
        .execute(
            database.byKey(),
            "answer '" + question.name() + "' of execution " + question.executionId());
    return first.get();
  }

  /**
   * Gives a question to other assignees, and records it.
   *
   * @return false if it is no longer open
   */
  public boolean reassign(OpenQuestion question, List<String> assignees, String by) {
    AtomicBoolean open = new AtomicBoolean();
    String record = ReassignmentsJson.write(assignees, by);
    new Pipeline()
        .add(schema.of(SignalSql.LOCK), bind -> bind.uuid(question.executionId()))
        .add(
            schema.of(REASSIGN),
            bind -> bind.now().uuid(question.id()).texts(assignees, each -> each).text(record),
            row -> open.set(row.next()))
        .execute(
            database.byKey(),
            "reassign '" + question.name() + "' of execution " + question.executionId());
    return open.get();
  }
}
