package dev.durable.internal.store;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.text.Texts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes due executions for a node. */
public final class ClaimStore {

  /**
   * For each queue, from its highest priority down, the first due rows that nobody else is about to
   * take. The priorities in use are found by stepping through the index, so that a backlog is never
   * sorted and sleepers are never read. The steps go backward, from the end of each priority: at
   * its front the index still has all that has been claimed since it was last vacuumed. A node that
   * has been declared dead claims nothing, and who finds nothing writes nothing. One row more tells
   * when the next execution will be due.
   *
   * <p>Of suspects, which have lost many workers in a row, one is taken at the most. Of the rest as
   * many as fit into the bytes, in their order, and at least one into an empty worker. To weigh an
   * input the server unpacks it, so a claimer asks for many only after many have fitted.
   *
   * <p>Of its own definitions a worker takes what these have moved last. What another definition of
   * the same version has moved stays with the workers that have that one, as long as one of them
   * lives and works on the queue; then it is anyone's. Who they are is looked up only when the
   * claim comes to such an execution.
   *
   * <p>What is by hand infinitely far away, or out of any range that a clock can count in, is as
   * far away as matters here.
   */
  private static final Template CLAIM =
      new Template(
          "ClaimStore.CLAIM",
          """
      with recursive ${clock}, wanted as (
        select queue, free from ${rows: queue text, free int} as w
      ), others as materialized (
        select pg_catalog.jsonb_array_elements_text(n.queues) as queue, n.edition
        from (select o.queues, pg_catalog.unnest(o.editions) as edition
              from ${schema}.nodes o
              where o.id <> ?::uuid and o.dead_at is null
                and o.lease > ${time} - o.heartbeat_at) n
      ), room as (
        select ?::int as suspicion, ?::boolean as suspects, ?::bigint as bytes, ?::boolean as alone
      ), levels as (
        select w.queue, w.free,
               (select e.priority from ${schema}.workflow_executions e
                where e.queue = w.queue and e.wake_at is not null
                order by e.priority, e.wake_at desc, e.id desc limit 1) as priority
        from wanted w
        union all
        select l.queue, l.free,
               (select e.priority from ${schema}.workflow_executions e
                where e.queue = l.queue and e.wake_at is not null and e.priority > l.priority
                order by e.priority, e.wake_at desc, e.id desc limit 1)
        from levels l where l.priority is not null
      ), due as materialized (
        select d.id, d.recoveries, d.bytes
        from wanted w cross join lateral (
          select c.id, c.recoveries, c.bytes
          from (select * from levels l where l.queue = w.queue and l.priority is not null
                order by l.priority desc) l
          cross join lateral (
            select e.id, e.recoveries, pg_catalog.octet_length(e.input::text)::bigint as bytes
            from ${schema}.workflow_executions e
            where e.queue = l.queue and e.priority = l.priority and e.wake_at <= ${time}
              and e.workflow_name || '@' || e.workflow_version::text = any (?::text[])
              and (e.workflow_name || '@' || e.workflow_version::text || '#'
                     || coalesce(e.fingerprint, '') = any (?::text[])
                   or (l.queue, e.workflow_name || '@' || e.workflow_version::text || '#'
                     || coalesce(e.fingerprint, '')) not in (select o.queue, o.edition from others o))
              and (e.recoveries < (select suspicion from room) or (select suspects from room))
            order by e.wake_at, e.id
            limit w.free
            for no key update skip locked
          ) c
          limit w.free
        ) d
      ), numbered as materialized (
        select d.id, d.bytes, d.recoveries >= room.suspicion as suspect, pg_catalog.row_number() over () as n
        from due d, room
      ), ranked as materialized (
        select r.id, r.bytes, r.suspect, r.n,
               pg_catalog.count(*) filter (where r.suspect) over (rows unbounded preceding) as suspects
        from numbered r
      ), fitting as materialized (
        select m.id, m.suspect, m.bytes, m.n from (
          select m.*, pg_catalog.sum(m.bytes) over (rows unbounded preceding) as total,
                 pg_catalog.min(m.n) over () as first
          from ranked m where m.suspects <= 1 or not m.suspect) m, room
        where m.total <= room.bytes::numeric or (room.alone and m.n = m.first)
      ), live as materialized (
        select id from ${schema}.nodes
        where id = ?::uuid and dead_at is null and exists (select 1 from fitting)
        for key share
      ), claimed as (
        update ${schema}.workflow_executions e
        set status = case when e.status = 'compensating' then e.status else 'running' end,
            locked_by = live.id, lock_token = e.lock_token + 1,
            started_at = coalesce(e.started_at, ${time}), wake_at = null, updated_at = ${time}
        from fitting f, live
        where e.id = f.id
        returning e.id, e.lock_token, e.workflow_name, e.workflow_version, e.fingerprint,
                  e.workflow_key, e.queue, e.tags, e.input,
                  case when e.deadline_at is not null then (extract(epoch from
                    greatest(least(e.deadline_at at time zone 'UTC',
                                   (select utc from t) + interval '36500 days'),
                             (select utc from t) - interval '1 day')
                    - (select utc from t)) * 1000000::numeric)::bigint end as remaining,
                  e.compensation_results, e.parent_workflow_id is not null as child,
                  f.bytes, f.suspect, f.n
      ), next as (
        select pg_catalog.min((select e.wake_at from ${schema}.workflow_executions e
                    where e.queue = l.queue and e.priority = l.priority and e.wake_at > ${time}
                    order by e.wake_at limit 1)) as wake_at
        from levels l where l.priority is not null
      )
      select c.*,
             (select case when wake_at is not null then (extract(epoch from
                least(wake_at at time zone 'UTC', (select utc from t) + interval '1 day')
                - (select utc from t)) * 1000000::numeric)::bigint end from next) as next,
             (select pg_catalog.count(*) from due) > (select pg_catalog.count(*) from fitting) as more
      from (select 1) as always left join claimed c on true
      """);

  /** What cannot be read as it should be waits for a person; nothing that was done is undone. */
  private static final Template PARK =
      new Template(
          "ClaimStore.PARK",
          """
      with ${clock}, parked as (
        update ${schema}.workflow_executions e
        set status = 'parked', lock_token = e.lock_token + 1, locked_by = null, wake_at = null,
            error = pg_catalog.jsonb_object(array['type', ?::text, 'message', ?::text]), updated_at = ${time}
        where e.id = ?::uuid and e.lock_token = ?::bigint and ${owned}
        returning e.id
      )
      update ${schema}.step_executions s
      set status = 'failed', completed_at = ${time},
          error = pg_catalog.jsonb_object(array['type', ?::text, 'message', ?::text, 'step', s.path])
      from parked p where s.workflow_id = p.id and s.status = 'running'
      """);

  /** What something else has locked is left out: it is found again as owned and not run. */
  private static final Template ADOPT =
      new Template(
          "ClaimStore.ADOPT",
          """
      with found as materialized (
        select o.id, o.fingerprint
        from ${rows: id uuid, token bigint, fingerprint text} as o
        cross join lateral (
          select 1 from ${schema}.workflow_executions e
          where e.id = o.id and e.lock_token = o.token and ${owned}
          for no key update skip locked
        ) as e
      )
      update ${schema}.workflow_executions e set fingerprint = f.fingerprint
      from found f where e.id = f.id
      returning e.id
      """);

  static final List<Template> STATEMENTS = List.of(CLAIM, PARK, ADOPT);

  private final String claim;
  private final String park;
  private final String adopt;

  /**
   * @param sql where the tables are
   */
  public ClaimStore(Sql sql) {
    this.claim = sql.of(CLAIM);
    this.park = sql.of(PARK);
    this.adopt = sql.of(ADOPT);
  }

  /**
   * An execution that now belongs to this node.
   *
   * @param owner the execution and its new token
   * @param workflow the workflow's name
   * @param version the definition's version
   * @param fingerprint the hash of the definition that moved it last, or null
   * @param key the business key, or null
   * @param queue the queue
   * @param tags labels
   * @param input JSON
   * @param remaining how long until its deadline, or null
   * @param compensation JSON: why its compensation began and what has been done; null if it goes
   *     forward
   * @param child whether it has a parent
   */
  public record Claimed(
      Identified owner,
      String workflow,
      int version,
      @Nullable String fingerprint,
      @Nullable String key,
      String queue,
      Map<String, String> tags,
      String input,
      @Nullable Duration remaining,
      @Nullable String compensation,
      boolean child) {

    /** The execution and the definition that moved it last. */
    public Moved moved() {
      return new Moved(owner, workflow, version, fingerprint);
    }

    /** The same, moved from now on by that definition. */
    public Claimed movedBy(String definition) {
      return new Claimed(
          owner,
          workflow,
          version,
          definition,
          key,
          queue,
          tags,
          input,
          remaining,
          compensation,
          child);
    }
  }

  /**
   * An execution that is to go on with another definition than the one that moved it last.
   *
   * @param owner the execution and its token
   * @param fingerprint the hash of the definition that fits
   */
  public record Adoption(Identified owner, String fingerprint) {}

  /**
   * An execution that was claimed, as it was read.
   *
   * @param owner the execution and its new token
   * @param place its place among those that are due
   * @param queue the queue
   * @param bytes how much its input weighs
   * @param suspect whether it has lost many workers in a row
   * @param execution what there is to run; null if a column cannot be read
   * @param unreadable why not; null if it can
   */
  public record Taken(
      Identified owner,
      long place,
      String queue,
      long bytes,
      boolean suspect,
      @Nullable Claimed execution,
      @Nullable Throwable unreadable) {}

  /**
   * What one look for work brought.
   *
   * @param taken those claimed, in their order
   * @param nextDue how long until the next one is due, or null if none is known
   * @param more whether there are due ones for which there was no room now
   */
  public record Claim(List<Taken> taken, @Nullable Duration nextDue, boolean more) {

    /** Those claimed that can be run. */
    public List<Claimed> executions() {
      return taken.stream().map(Taken::execution).filter(Objects::nonNull).toList();
    }
  }

  /**
   * For how much there is room.
   *
   * @param free how many of each queue
   * @param suspicion how many lost workers in a row make a suspect
   * @param suspects whether there is room for one of those
   * @param bytes how much the inputs may weigh together
   * @param alone whether one that weighs more may be taken, because it will be alone
   */
  public record Room(
      Map<String, Integer> free, int suspicion, boolean suspects, long bytes, boolean alone) {

    /** Room for so many, whatever they weigh. */
    public static Room of(Map<String, Integer> free) {
      return new Room(free, Integer.MAX_VALUE, true, Long.MAX_VALUE, true);
    }
  }

  /**
   * Claims due executions.
   *
   * @param runner the claimer's
   * @param node the claiming node
   * @param room how many there is room for
   * @param definitions what the node can run, as {@code name@version}
   * @param editions the same, as {@code name@version#fingerprint}
   */
  public Claim claim(
      SqlRunner runner, UUID node, Room room, List<String> definitions, List<String> editions) {
    List<String> queues = List.copyOf(room.free().keySet());
    List<Claim> claims = new ArrayList<>();
    new Pipeline()
        .add(
            claim,
            bind ->
                bind.now()
                    .texts(queues, queue -> queue)
                    .ints(queues, room.free()::get)
                    .uuid(node)
                    .number(room.suspicion())
                    .flag(room.suspects())
                    .number(room.bytes())
                    .flag(room.alone())
                    .texts(definitions, definition -> definition)
                    .texts(editions, edition -> edition)
                    .uuid(node),
            rows -> claims.add(read(rows)))
        .execute(runner, "claim due executions");
    return claims.getLast();
  }

  /**
   * Notes which definition moves executions from now on. That is committed before a body of it
   * begins: whichever definition comes next is then checked against what this one has done.
   *
   * @return those for which it is noted
   */
  public Set<UUID> adopt(SqlRunner runner, List<Adoption> adoptions) {
    List<Adoption> ordered =
        adoptions.stream().sorted(Comparator.comparing(a -> a.owner().id().toString())).toList();
    Set<UUID> adopted = new HashSet<>();
    new Pipeline()
        .add(
            adopt,
            bind ->
                bind.uuids(ordered, a -> a.owner().id())
                    .longs(ordered, a -> a.owner().token())
                    .texts(ordered, Adoption::fingerprint),
            rows -> {
              adopted.clear();
              while (rows.next()) {
                adopted.add(rows.getObject(1, UUID.class));
              }
            })
        .execute(runner, "note the definition that moves executions");
    return adopted;
  }

  /** Parks an execution, if it still belongs to that owner. */
  public void park(SqlRunner runner, Identified owner, String why) {
    new Pipeline()
        .add(
            park,
            bind ->
                bind.now()
                    .text(ErrorInfo.UNREADABLE)
                    .text(Texts.storable(why))
                    .uuid(owner.id())
                    .number(owner.token())
                    .text(ErrorInfo.UNREADABLE)
                    .text("It was parked: its execution cannot be read."))
        .execute(runner, "park execution " + owner.id());
  }

  private static Claim read(ResultSet rows) throws SQLException {
    List<Taken> taken = new ArrayList<>();
    Duration nextDue = null;
    boolean more = false;
    while (rows.next()) {
      nextDue = Rows.micros(rows, 16);
      more = rows.getBoolean(17);
      if (rows.getObject(1) != null) {
        taken.add(taken(rows));
      }
    }
    taken.sort(Comparator.comparingLong(Taken::place));
    return new Claim(taken, nextDue, more);
  }

  /** One that cannot be read must not keep the others from running. */
  private static Taken taken(ResultSet row) throws SQLException {
    Identified owner = new Identified(row.getObject(1, UUID.class), row.getLong(2));
    Supplier<Claimed> contents = contents(owner, row);
    Claimed claimed = null;
    Throwable unreadable = null;
    try {
      claimed = contents.get();
    } catch (RuntimeException damaged) {
      unreadable = damaged;
    }
    return new Taken(
        owner,
        row.getLong(15),
        row.getString(7),
        row.getLong(13),
        row.getBoolean(14),
        claimed,
        unreadable);
  }

  /** Reads it now, and decodes it later: that may fail for what it holds alone. */
  private static Supplier<Claimed> contents(Identified owner, ResultSet row) throws SQLException {
    String workflow = row.getString(3);
    int version = row.getInt(4);
    String fingerprint = row.getString(5);
    String key = row.getString(6);
    String queue = row.getString(7);
    String tags = row.getString(8);
    String input = row.getString(9);
    Duration untilDeadline = Rows.micros(row, 10);
    String compensation = row.getString(11);
    boolean child = row.getBoolean(12);
    return () -> {
      InternalJson.compensation(compensation);
      return new Claimed(
          owner,
          workflow,
          version,
          fingerprint,
          key,
          queue,
          InternalJson.tags(tags),
          input,
          untilDeadline,
          compensation,
          child);
    };
  }
}
