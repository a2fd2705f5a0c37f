package dev.durable.internal.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The statement that writes a batch of entries: locks what is still owned, adds and closes rows of
 * history, and moves executions on. What a batch does not need is left out of its text.
 */
final class EntryStatement {

  /**
   * The owner's rows are locked, in id order, against takeover and cancel before anything is
   * written for them; what is not owned (any more) is left out.
   */
  private static final String OWNED =
      """
      with owned as materialized (
        select e.id
        from ${rows: id uuid, token bigint} as o
        cross join lateral (
          select e.id from ${schema}.workflow_executions e
          where e.id = o.id and e.lock_token = o.token and ${owned}
          for no key update
        ) e
      )
      """;

  /** What only rows need that wait for a point in time or have started a child is filled in. */
  private static final String STEPS =
      """
      , steps as (
        select r.*, r.output::jsonb as output_json, r.error::jsonb as error_json
        from ${rows: id uuid, seq int, name text, path text, type text, attempt int, status text,
                     output text, error text, elapsed bigint, opened bool, wake bigint,
                     compensates text ${waits: , at text, child uuid}} as r
        join owned using (id)
      ), added as (
        insert into ${schema}.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, output, error,
           started_at, completed_at, wake_at, compensation_for, is_compensation
           ${waits: , child_workflow_id})
        select id, seq, name, path, type, attempt, status, output_json, error_json,
               ${now} - elapsed * interval '1 microsecond',
               case when status not in ('running', 'waiting') then ${now} end,
               coalesce(${now} + wake * interval '1 microsecond' ${waits: , at::timestamptz}),
               compensates, compensates is not null ${waits: , child}
        from steps where opened is not true
      )
      """;

  private static final String CLOSED =
      """
      , closed as (
        update ${schema}.step_executions s
        set status = r.status, attempt = r.attempt, output = r.output_json,
            error = r.error_json,
            wake_at = coalesce(${now} + r.wake * interval '1 microsecond',
                               case when s.step_type in ('wait', 'child') then s.wake_at end),
            completed_at = case when r.status <> 'waiting' then ${now} end
        from steps r
        where r.opened and s.workflow_id = r.id and s.seq = r.seq
      )
      """;

  private static final String FORGOTTEN =
      """
      , forgotten as (
        delete from ${schema}.step_executions s
        using ${rows: id uuid, seq int} as f join owned using (id)
        where s.workflow_id = f.id and s.seq = f.seq
      )
      """;

  /**
   * An execution that something which was sent may let go on, and that has it already, is due at
   * once. All waits have been written, and nothing more can be sent before we commit.
   */
  private static final String MOVED =
      """
      , moved as (
        update ${schema}.workflow_executions e
        set status = t.status, output = t.output::jsonb, error = t.error::jsonb,
            current_step = t.current_step, locked_by = null, updated_at = ${now},
            completed_at = case when t.final then ${now} end,
            compensation_results = coalesce(t.compensation::jsonb, e.compensation_results),
            compensated_at = case when t.status = 'compensated' then ${now} end,
            wake_at = least(${now} + t.wake * interval '1 microsecond',
                            case when t.status in ('pending', 'waiting') then e.deadline_at end
                            ${waits: , t.at::timestamptz, case when t.listens and ${ready} then ${now} end})
        from ${rows: id uuid, status text, final bool, output text, error text, current_step text,
                     wake bigint, compensation text ${waits: , listens bool, at text}} as t
        join owned using (id)
        where e.id = t.id
        ${waits: returning e.id, e.queue, e.wake_at}
      )
      """;

  private static final String READY =
      "exists (select 1 from ${schema}.wait_groups g where g.workflow_id = e.id and "
          + WaitStatement.DECIDED
          + ")";

  private static final String OWNERS = "select id from owned";

  private static final String OWNERS_AND_HINT =
      """
      select o.id, (select count(pg_notify(?, 'q' || m.queue)) from moved m
                    where m.id = o.id and m.wake_at <= ${now} and ?)
      from owned o""";

  private static final Pattern FOR_WAITS =
      Pattern.compile("\\$\\{waits: ((?:[^{}]|\\$\\{[^}]*\\})*)\\}");

  private static final int WITH_STEPS = 1;
  private static final int WITH_CLOSED = 2;
  private static final int WITH_FORGOTTEN = 4;
  private static final int WITH_MOVED = 8;
  private static final int WITH_WAITS = 16;

  private final String[] texts = new String[32];
  private final String channel;
  private final boolean notifications;

  EntryStatement(Sql sql, boolean notifications) {
    this.channel = sql.channel();
    this.notifications = notifications;
    for (int parts = 0; parts < texts.length; parts++) {
      texts[parts] = sql.of(template(parts));
    }
  }

  private static String template(int parts) {
    boolean waits = (parts & WITH_WAITS) != 0;
    boolean moved = (parts & WITH_MOVED) != 0;
    String text =
        OWNED
            + ((parts & WITH_STEPS) != 0 ? STEPS : "")
            + ((parts & WITH_CLOSED) != 0 ? CLOSED : "")
            + ((parts & WITH_FORGOTTEN) != 0 ? FORGOTTEN : "")
            + (moved ? MOVED.replace("${ready}", READY) : "")
            + (moved && waits ? OWNERS_AND_HINT : OWNERS);
    return FOR_WAITS.matcher(text).replaceAll(waits ? "$1" : "");
  }

  /** The rows of one batch, sorted into the statement's parts. */
  static final class Batch {
    private final List<Identified> owners;
    private final List<Owned<StepRow>> steps = new ArrayList<>();
    private final List<Owned<Integer>> forgotten = new ArrayList<>();
    private final List<Owned<Transition>> moves = new ArrayList<>();
    private final List<UUID> ended = new ArrayList<>();
    private final List<UUID> silenced = new ArrayList<>();
    private final List<UUID> parents = new ArrayList<>();
    private final List<FamilyStatement.Unwanted> unwanted = new ArrayList<>();
    private final List<EntryRow> changing;
    private final boolean waits;

    Batch(List<EntryRow> rows) {
      owners = new ArrayList<>(new LinkedHashSet<>(rows.stream().map(EntryRow::owner).toList()));
      owners.sort((a, b) -> compareAsDatabase(a.id(), b.id()));
      for (EntryRow row : rows) {
        UUID id = row.owner().id();
        row.steps().forEach(step -> steps.add(new Owned<>(id, step)));
        row.forgotten().forEach(seq -> forgotten.add(new Owned<>(id, seq)));
        Transition transition = row.transition();
        row.waits()
            .cancelled()
            .forEach(child -> unwanted.add(new FamilyStatement.Unwanted(child, row.owner())));
        if (transition != null) {
          moves.add(new Owned<>(id, transition));
          if (transition.status().isFinal() && row.family().child()) {
            ended.add(id);
          }
          if (transition.endsWaits() && row.family().waits()) {
            silenced.add(id);
          }
          if (transition.endsChildren() && row.family().parent()) {
            parents.add(id);
          }
        }
      }
      changing = rows.stream().filter(row -> !row.waits().isEmpty()).toList();
      waits = !changing.isEmpty() || moves.stream().anyMatch(move -> listens(move.part()));
    }

    private static boolean listens(Transition transition) {
      return transition.wake().signals() || transition.wake().at() != null;
    }

    /** The entries that change something about waiting. */
    List<EntryRow> changing() {
      return changing;
    }

    /** Whether something that is being sent at this moment matters. */
    boolean locksFirst() {
      return waits || !ended.isEmpty();
    }

    /** Whose rows are written. */
    List<UUID> ids() {
      return owners.stream().map(Identified::id).toList();
    }

    /** Executions with a parent that end. */
    List<UUID> ended() {
      return ended;
    }

    /** Executions that wait for nothing any more. */
    List<UUID> silenced() {
      return silenced;
    }

    /** Executions whose end is also that of their children. */
    List<UUID> parents() {
      return parents;
    }

    /** Children that are no longer wanted. */
    List<FamilyStatement.Unwanted> unwanted() {
      return unwanted;
    }

    private boolean closes() {
      return steps.stream().anyMatch(step -> step.part().opened());
    }
  }

  /** A part of an entry, and whose it is. */
  private record Owned<T>(UUID id, T part) {}

  /** The text for a batch. */
  String text(Batch batch) {
    int parts =
        (batch.steps.isEmpty() ? 0 : WITH_STEPS)
            + (batch.closes() ? WITH_CLOSED : 0)
            + (batch.forgotten.isEmpty() ? 0 : WITH_FORGOTTEN)
            + (batch.moves.isEmpty() ? 0 : WITH_MOVED)
            + (batch.waits ? WITH_WAITS : 0);
    return texts[parts];
  }

  void bind(Bind bind, Batch batch) throws SQLException {
    bind.uuids(batch.owners, Identified::id).longs(batch.owners, Identified::token);
    if (!batch.steps.isEmpty()) {
      List<StepRow> step = batch.steps.stream().map(Owned::part).toList();
      bind.uuids(batch.steps, Owned::id)
          .ints(step, StepRow::seq)
          .texts(step, StepRow::name)
          .texts(step, StepRow::path)
          .texts(step, row -> row.type().text())
          .ints(step, StepRow::attempt)
          .texts(step, row -> row.status().text())
          .texts(step, StepRow::output)
          .texts(step, StepRow::error)
          .longs(step, row -> Bind.micros(row.elapsed()))
          .flags(step, row -> row.opened() ? true : null)
          .longs(step, row -> Bind.micros(row.wakeIn()))
          .texts(step, StepRow::compensates);
      if (batch.waits) {
        bind.texts(step, row -> text(row.wakeAt())).uuids(step, StepRow::child);
      }
    }
    if (!batch.forgotten.isEmpty()) {
      bind.uuids(batch.forgotten, Owned::id).ints(batch.forgotten, Owned::part);
    }
    if (!batch.moves.isEmpty()) {
      List<Transition> move = batch.moves.stream().map(Owned::part).toList();
      bind.uuids(batch.moves, Owned::id)
          .texts(move, row -> row.status().text())
          .flags(move, row -> row.status().isFinal())
          .texts(move, Transition::output)
          .texts(move, Transition::error)
          .texts(move, Transition::currentStep)
          .longs(move, row -> Bind.micros(row.wake().in()))
          .texts(move, Transition::compensation);
      if (batch.waits) {
        bind.flags(move, row -> row.wake().signals())
            .texts(move, row -> text(row.wake().at()))
            .text(channel)
            .flag(notifications);
      }
    }
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  /** The executions that are still owned. */
  static Set<UUID> owned(ResultSet result) throws SQLException {
    Set<UUID> ids = new HashSet<>();
    while (result.next()) {
      ids.add(result.getObject(1, UUID.class));
    }
    return ids;
  }

  /** PostgreSQL orders UUIDs as unsigned bytes; Java's compareTo treats the halves as signed. */
  private static int compareAsDatabase(UUID a, UUID b) {
    int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
    return high != 0
        ? high
        : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
  }
}
