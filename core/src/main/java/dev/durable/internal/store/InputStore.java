package dev.durable.internal.store;

import dev.durable.input.Field;
import dev.durable.input.InputQuery;
import dev.durable.input.InputStatus;
import dev.durable.input.InputType;
import dev.durable.input.PendingInput;
import dev.durable.json.TypeRef;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/** Questions to people. */
public final class InputStore {

  private static final TypeRef<List<String>> CHOICES = new TypeRef<>() {};

  private static final String LIST =
      """
      select i.id, i.workflow_id, e.workflow_name, i.input_name, i.path, i.input_type, i.prompt,
             i.fields, i.metadata, i.assignee, i.status, i.response, i.responded_by, i.timeout_at,
             i.inserted_at, i.completed_at
      from ${schema}.pending_inputs i
      join ${schema}.workflow_executions e on e.id = i.workflow_id
      where (?::uuid is null or i.workflow_id = ?) and (?::text is null or e.workflow_name = ?)
        and (?::text is null or i.input_name = ? or i.path = ?)
        and (?::text is null or i.assignee = ?) and (?::text is null or i.input_type = ?)
        and i.status = ?
      order by i.inserted_at, i.id limit ?
      """;

  /** The first answer closes the question; its execution gets it like an event. */
  private static final String ANSWER =
      """
      with answered as (
        update ${schema}.pending_inputs i
        set status = 'completed', response = ?::jsonb, responded_by = ?, completed_at = ${now}
        from ${schema}.workflow_executions e
        where i.id = ? and i.status = 'pending' and e.id = i.workflow_id
          and e.status in ('pending', 'running', 'waiting', 'parked')
        returning i.workflow_id, i.seq, i.response, e.status
      ), sent as (
        insert into ${schema}.pending_events
          (workflow_id, kind, event_name, payload, status, inserted_at)
        select workflow_id, 'input', seq::text, response, 'pending', ${now} from answered
      ), woken as (
        update ${schema}.workflow_executions e set wake_at = ${now}, updated_at = ${now}
        from answered a where e.id = a.workflow_id and e.status = 'waiting'
        returning e.queue
      )
      select (select count(*) from answered),
             (select count(pg_notify(?, h.hint)) from (
                select 'q' || queue as hint from woken
                union all select 'e' || workflow_id from answered where status = 'running') h
              where ?)
      """;

  private final Database database;
  private final Sql sql;
  private final boolean notifications;

  /**
   * @param database where
   * @param sql where the tables are
   * @param notifications whether answers are announced
   */
  public InputStore(Database database, Sql sql, boolean notifications) {
    this.database = database;
    this.sql = sql;
    this.notifications = notifications;
  }

  /** The questions that match. */
  public List<PendingInput> list(InputQuery query) {
    return database.call(
        "list questions",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(LIST))) {
            UUID execution = query.execution().orElse(null);
            String workflow = query.workflow().orElse(null);
            String name = query.name().orElse(null);
            String assignee = query.assignee().orElse(null);
            String type = query.type().map(InputType::text).orElse(null);
            new Bind(connection, statement)
                .uuid(execution)
                .uuid(execution)
                .text(workflow)
                .text(workflow)
                .text(name)
                .text(name)
                .text(name)
                .text(assignee)
                .text(assignee)
                .text(type)
                .text(type)
                .text(query.status().text())
                .number(query.limit());
            try (ResultSet rows = statement.executeQuery()) {
              List<PendingInput> inputs = new ArrayList<>();
              while (rows.next()) {
                inputs.add(read(rows));
              }
              return inputs;
            }
          }
        });
  }

  private static PendingInput read(ResultSet row) throws SQLException {
    InputType type = InputType.of(row.getString("input_type"));
    String fields = row.getString("fields");
    boolean form = type == InputType.FORM;
    List<String> choices = form || fields == null ? List.of() : InternalJson.read(fields, CHOICES);
    List<Field> formFields = form && fields != null ? Fields.read(fields) : List.of();
    return new PendingInput(
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
        row.getString("assignee"),
        InputStatus.of(row.getString("status")),
        row.getString("response"),
        row.getString("responded_by"),
        Rows.time(row, "timeout_at"),
        Rows.requiredTime(row, "inserted_at"),
        Rows.time(row, "completed_at"));
  }

  /**
   * Answers a question.
   *
   * @return false if it is no longer open
   */
  public boolean answer(PendingInput question, String json, String by) {
    AtomicBoolean first = new AtomicBoolean();
    Pipeline pipeline =
        new Pipeline()
            .add(sql.of(WaitStatement.LOCK_ONE), bind -> bind.uuid(question.executionId()))
            .add(
                sql.of(ANSWER),
                bind ->
                    bind.text(json)
                        .text(by)
                        .uuid(question.id())
                        .text(sql.channel())
                        .flag(notifications),
                row -> {
                  row.next();
                  first.set(row.getInt(1) == 1);
                });
    pipeline.execute(
        database, "answer '" + question.name() + "' of execution " + question.executionId());
    return first.get();
  }
}
