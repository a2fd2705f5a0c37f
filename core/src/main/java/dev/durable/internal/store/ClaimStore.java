package dev.durable.internal.store;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.text.StorableText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes due executions for a worker. */
public final class ClaimStore {

  /** At how many of those that have slept a claim looks in each lane. */
  private static final int WINDOW = 512;

  /** How many more than there is room for a claim looks at, as others may have locked some. */
  private static final int SPARE = 64;

  private static final int FARTHER = 8;
  private static final int FARTHEST = 1 << 24;

  /**
   * The arrays, out of the planner's sight: if it knew how long they are, a plan for that would
   * seem to be so much cheaper than one for any length that it would plan each claim anew, which
   * takes as long as claiming.
   */
  private static final String ASKED =
      """
      asked as materialized (
        select ?::text[] as lane_queues, ?::text[] as names, ?::int[] as versions, ?::text[] as editions,
               ?::int[] as reaches, ?::text[] as queues, ?::int[] as free, ?::int[] as reach
      )""";

  /**
   * The lanes of the index of what is due, one for each queue, definition and fingerprint: those of
   * the worker's own definitions, and those that other definitions of the same version have moved
   * last. They are found outward from its own, so that a lane is never walked to find the next.
   *
   * <p>Of its own definitions a worker takes what these have moved last. What another definition of
   * the same version has moved stays with the workers that have that one, as long as one of them
   * lives and works on the queue; then it is anyone's. Who they are is looked up only when there is
   * such a lane.
   */
  private static final String LANES =
      """
      others as materialized (
        select pg_catalog.jsonb_array_elements_text(n.queues) as queue, n.edition
        from (select o.queues, pg_catalog.unnest(o.editions) as edition
              from ${schema}.workers o
              where o.id <> ?::uuid and o.dead_at is null
                and o.lease > ${time} - o.heartbeat_at) n
      ), lanes as (
        select r.queue, r.name, r.version, r.edition, r.reach, 0 as way
        from (select pg_catalog.unnest(a.lane_queues) as queue, pg_catalog.unnest(a.names) as name,
                     pg_catalog.unnest(a.versions) as version, pg_catalog.unnest(a.editions) as edition,
                     pg_catalog.unnest(a.reaches) as reach
              from asked a) r
        union all
        select l.queue, l.name, l.version, n.edition, l.reach, n.way
        from lanes l cross join lateral (
          (select coalesce(e.fingerprint, '') as edition, 1 as way
           from ${schema}.workflow_executions e
           where l.way >= 0 and e.queue = l.queue and e.workflow_name = l.name
             and e.workflow_version = l.version and coalesce(e.fingerprint, '') > l.edition
             and e.wake_at is not null
           order by coalesce(e.fingerprint, '') limit 1)
          union all
          (select coalesce(e.fingerprint, '') as edition, -1 as way
           from ${schema}.workflow_executions e
           where l.way <= 0 and e.queue = l.queue and e.workflow_name = l.name
             and e.workflow_version = l.version and coalesce(e.fingerprint, '') < l.edition
             and e.wake_at is not null
           order by coalesce(e.fingerprint, '') desc limit 1)) n
      ), mine as materialized (
        select l.queue, l.name, l.version, l.edition, l.reach, pg_catalog.row_number() over () as lane
        from lanes l
        where l.way = 0
          or (l.queue, l.name || '@' || l.version::text || '#' || l.edition)
            not in (select o.queue, o.edition from others o)
      )""";

  private static final String IN_LANE =
      """
      e.queue = m.queue and e.workflow_name = m.name and e.workflow_version = m.version
                  and coalesce(e.fingerprint, '') = m.edition""";

  /** The priority of what was due when it was written; null of what slept then. */
  private static final String TURN = "(case when e.wake_at <= e.updated_at then e.priority end)";

  private static final String IN_TURN =
      "order by (case when e.wake_at <= e.updated_at then e.priority end) desc nulls last,"
          + " e.wake_at, e.id";

  /**
   * For each queue, from its highest priority down, the first due rows that nobody else is about to
   * take. Of each lane so many are looked at as there is room for, and some more in case that
   * others have locked those; of what has slept and is due the oldest {@code reach}. They are put
   * in order and locked one by one, until there are enough. A worker that has been declared dead
   * claims nothing, and who finds nothing writes nothing. One row more tells when the next
   * execution will be due.
   *
   * <p>Of suspects, which have lost many workers in a row, one is taken at the most. Of the rest as
   * many as fit into the bytes, in their order, and at least one into an empty worker. To weigh an
   * input the server unpacks it, so a claimer asks for many only after many have fitted.
   *
   * <p>An execution that is claimed for the first time has no past, unless something has been sent
   * to it: so most first claims need no other statement.
   *
   * <p>The row is found again by its place, and its time is looked at once more: it may have been
   * taken since.
   *
   * <p>What is by hand infinitely far away, or out of any range that a clock can count in, is as
   * far away as matters here.
   */
  private static final StatementTemplate CLAIM =
      new StatementTemplate(
          "ClaimStore.CLAIM",
          """
      with recursive ${clock}, ${asked}, wanted as materialized (
        select w.queue, w.free, w.reach
        from (select pg_catalog.unnest(a.queues) as queue, pg_catalog.unnest(a.free) as free,
                     pg_catalog.unnest(a.reach) as reach
              from asked a) w
      ), ${lanes}, room as (
        select ?::int as suspicion, ?::boolean as suspects, ?::bigint as bytes, ?::boolean as alone
      ), found as materialized (
        select m.queue, m.lane, c.tid, c.asleep, c.priority, c.wake_at, c.id
        from mine m cross join lateral (
          (select e.ctid as tid, false as asleep, e.priority, e.wake_at, e.id
           from ${schema}.workflow_executions e
           where ${in_lane} and ${turn} is not null and e.wake_at <= ${time}
             and (e.recoveries < (select suspicion from room) or (select suspects from room))
           ${in_turn} limit m.reach)
          union all
          (select e.ctid as tid, true as asleep, e.priority, e.wake_at, e.id
           from ${schema}.workflow_executions e
           where ${in_lane} and ${turn} is null and e.wake_at <= ${time}
             and (e.recoveries < (select suspicion from room) or (select suspects from room))
           ${in_turn} limit greatest(m.reach, ${window}))) c
      ), due as materialized (
        select w.queue, d.tid, d.recoveries, d.bytes
        from wanted w cross join lateral (
          select f.tid, c.recoveries, c.bytes
          from (select f.tid from found f where f.queue = w.queue
                order by f.priority desc, f.wake_at, f.id limit greatest(w.reach, ${window})) f
          cross join lateral (
            select e.recoveries, pg_catalog.octet_length(e.input::text)::bigint as bytes
            from ${schema}.workflow_executions e
            where e.ctid = f.tid and e.wake_at <= ${time}
            for no key update skip locked
          ) c
          limit w.free
        ) d
      ), numbered as materialized (
        select d.tid, d.bytes, d.recoveries >= room.suspicion as suspect, pg_catalog.row_number() over () as n
        from due d, room
      ), ranked as materialized (
        select r.tid, r.bytes, r.suspect, r.n,
               pg_catalog.count(*) filter (where r.suspect) over (rows unbounded preceding) as suspects
        from numbered r
      ), fitting as materialized (
        select m.tid, m.suspect, m.bytes, m.n from (
          select m.*, pg_catalog.sum(m.bytes) over (rows unbounded preceding) as total,
                 pg_catalog.min(m.n) over () as first
          from ranked m where m.suspects <= 1 or not m.suspect) m, room
        where m.total <= room.bytes::numeric or (room.alone and m.n = m.first)
      ), live as materialized (
        select id from ${schema}.workers
        where id = ?::uuid and dead_at is null and exists (select 1 from fitting)
        for key share
      ), claimed as (
        update ${schema}.workflow_executions e
        set status = case when e.status = 'compensating' then e.status else 'running' end,
            locked_by = live.id, lock_token = e.lock_token + 1,
            started_at = coalesce(e.started_at, ${time}), wake_at = null, updated_at = ${time}
        from fitting f, live
        where e.ctid = f.tid
        returning e.id, e.lock_token, e.workflow_name, e.workflow_version, e.fingerprint,
                  e.workflow_key, e.queue, e.tags, e.input,
                  case when e.deadline_at is not null then (extract(epoch from
                    greatest(least(e.deadline_at at time zone 'UTC',
                                   (select utc from t) + interval '36500 days'),
                             (select utc from t) - interval '1 day')
                    - (select utc from t)) * 1000000::numeric)::bigint end as remaining,
                  e.compensation_results, e.parent_workflow_id is not null as child,
                  f.bytes, f.suspect, f.n,
                  e.lock_token > 1 or exists (
                    select 1 from ${schema}.pending_events p
                    where p.workflow_id::text = e.id::text and p.status = 'pending' offset 0) as past
      ), next as (
        select pg_catalog.min((select e.wake_at from ${schema}.workflow_executions e
                    where ${in_lane} and ${turn} is null and e.wake_at > ${time}
                    ${in_turn} limit 1)) as wake_at
        from mine m
      )
      select c.*,
             (select case when wake_at is not null then (extract(epoch from
                least(wake_at at time zone 'UTC', (select utc from t) + interval '1 day')
                - (select utc from t)) * 1000000::numeric)::bigint end from next) as next,
             (select pg_catalog.count(*) from due) > (select pg_catalog.count(*) from fitting) as more,
             exists (
               select 1 from wanted w
               where w.free > (select pg_catalog.count(*) from due d where d.queue = w.queue)
                 and w.reach <= (select pg_catalog.count(*) from found f where f.queue = w.queue)) as beyond,
             exists (
               select 1 from found f where f.asleep group by f.lane
               having pg_catalog.count(*) >= ${window}::bigint) as crowd
      from (select 1) as always left join claimed c on true
      """
              .replace("${asked}", ASKED)
              .replace("${lanes}", LANES)
              .replace("${in_lane}", IN_LANE)
              .replace("${turn}", TURN)
              .replace("${in_turn}", IN_TURN)
              .replace("${window}", String.valueOf(ClaimStore.WINDOW)));

  /**
   * Puts what has slept, and is due, in its place among the rest: by priority. A claim looks at the
   * oldest of them only, so this is for when there are more.
   */
  private static final StatementTemplate WAKE =
      new StatementTemplate(
          "ClaimStore.WAKE",
          """
      with recursive ${clock}, ${asked}, ${lanes}, awake as materialized (
        select c.id
        from mine m cross join lateral (
          select e.id from ${schema}.workflow_executions e
          where ${in_lane} and ${turn} is null and e.wake_at <= ${time}
          ${in_turn} limit ${window}
          for no key update skip locked) c
      )
      update ${schema}.workflow_executions e set updated_at = ${time}
      from awake a where e.id = a.id
      """
              .replace("${asked}", ASKED)
              .replace("${lanes}", LANES)
              .replace("${in_lane}", IN_LANE)
              .replace("${turn}", TURN)
              .replace("${in_turn}", IN_TURN)
              .replace("${window}", String.valueOf(ClaimStore.WINDOW)));

  /** What cannot be read as it should be waits for a person; nothing that was done is undone. */
  private static final StatementTemplate PARK =
      new StatementTemplate(
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
  private static final StatementTemplate ADOPT =
      new StatementTemplate(
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

  static final List<StatementTemplate> STATEMENTS = List.of(CLAIM, WAKE, PARK, ADOPT);

  private final String claim;
  private final String wake;
  private final String park;
  private final String adopt;

  /**
   * @param schema where the tables are
   */
  public ClaimStore(Schema schema) {
    this.claim = schema.of(CLAIM);
    this.wake = schema.of(WAKE);
    this.park = schema.of(PARK);
    this.adopt = schema.of(ADOPT);
  }

  /**
   * An execution that now belongs to this worker.
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
      Ownership owner,
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
    public LastDefinition moved() {
      return new LastDefinition(owner, workflow, version, fingerprint);
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
  public record Adoption(Ownership owner, String fingerprint) {}

  /**
   * An execution that was claimed, as it was read.
   *
   * @param owner the execution and its new token
   * @param place its place among those that are due
   * @param queue the queue
   * @param bytes how much its input weighs
   * @param suspect whether it has lost many workers in a row
   * @param past whether it may have a history, or something was sent to it
   * @param execution what there is to run; null if a column cannot be read
   * @param unreadable why not; null if it can
   */
  public record Taken(
      Ownership owner,
      long place,
      String queue,
      long bytes,
      boolean suspect,
      boolean past,
      @Nullable Claimed execution,
      @Nullable Throwable unreadable) {}

  /**
   * What one look for work brought.
   *
   * @param taken those claimed, in their order
   * @param nextDue how long until the next one is due, or null if none is known
   * @param more whether there are due ones for which there was no room now, or that lie behind
   *     those which others had locked
   * @param crowd whether so many have slept and are due that it did not look at all of them
   */
  public record Claim(List<Taken> taken, @Nullable Duration nextDue, boolean more, boolean crowd) {

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

    /** At how many of a lane a claim looks. */
    private int reach(String queue, int farther) {
      return (int) Math.min(FARTHEST, ((long) free.getOrDefault(queue, 0) + SPARE) * farther);
    }
  }

  /**
   * Claims due executions.
   *
   * @param runner the claimer's
   * @param worker the claiming worker
   * @param room how many there is room for
   * @param definitions what the worker can run, as {@code name@version}
   * @param editions the same, as {@code name@version#fingerprint}
   */
  public Claim claim(
      SqlRunner runner, UUID worker, Room room, List<String> definitions, List<String> editions) {
    List<Edition> runs = Edition.all(definitions, editions);
    int farther = 1;
    Look look = look(runner, worker, room, runs, farther);
    while (look.claim.taken().isEmpty() && look.beyond && farther < FARTHEST / FARTHER) {
      farther *= FARTHER;
      look = look(runner, worker, room, runs, farther);
    }
    return look.claim;
  }

  /**
   * @param beyond whether others had locked so many that more may lie behind what it looked at
   */
  private record Look(Claim claim, boolean beyond) {}

  private Look look(SqlRunner runner, UUID worker, Room room, List<Edition> runs, int farther) {
    Collection<String> queues = room.free().keySet();
    List<Look> looks = new ArrayList<>();
    new Pipeline()
        .add(
            claim,
            bind -> {
              asked(bind.now(), lanes(queues, runs), room, farther)
                  .uuid(worker)
                  .number(room.suspicion())
                  .flag(room.suspects())
                  .number(room.bytes())
                  .flag(room.alone())
                  .uuid(worker);
            },
            rows -> looks.add(read(rows)))
        .execute(runner, "claim due executions");
    return looks.getLast();
  }

  /**
   * Puts some of what has slept and is due in its place among the rest. For when a claim has told
   * of a crowd.
   */
  public void wake(
      SqlRunner runner,
      UUID worker,
      Collection<String> queues,
      List<String> definitions,
      List<String> editions) {
    new Pipeline()
        .add(
            wake,
            bind ->
                asked(
                        bind.now(),
                        lanes(queues, Edition.all(definitions, editions)),
                        Room.of(Map.of()),
                        1)
                    .uuid(worker))
        .execute(runner, "put in order what has slept");
  }

  /** What a worker takes: from a queue, for a definition. */
  private record Lane(String queue, Edition edition) {}

  private static List<Lane> lanes(Collection<String> queues, List<Edition> runs) {
    return queues.stream()
        .flatMap(q -> runs.stream().map(edition -> new Lane(q, edition)))
        .toList();
  }

  private static Parameters asked(Parameters bind, List<Lane> lanes, Room room, int farther)
      throws SQLException {
    List<String> queues = List.copyOf(room.free().keySet());
    return bind.texts(lanes, Lane::queue)
        .texts(lanes, lane -> lane.edition.name())
        .ints(lanes, lane -> lane.edition.version())
        .texts(lanes, lane -> lane.edition.fingerprint())
        .ints(lanes, lane -> room.reach(lane.queue, farther))
        .texts(queues, queue -> queue)
        .ints(queues, room.free()::get)
        .ints(queues, queue -> room.reach(queue, farther));
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
  public void park(SqlRunner runner, Ownership owner, String why) {
    new Pipeline()
        .add(
            park,
            bind ->
                bind.now()
                    .text(ErrorInfo.UNREADABLE)
                    .text(StorableText.storable(why))
                    .uuid(owner.id())
                    .number(owner.token())
                    .text(ErrorInfo.UNREADABLE)
                    .text("It was parked: its execution cannot be read."))
        .execute(runner, "park execution " + owner.id());
  }

  private static Look read(ResultSet rows) throws SQLException {
    List<Taken> taken = new ArrayList<>();
    Duration nextDue = null;
    boolean more = false;
    boolean beyond = false;
    boolean crowd = false;
    while (rows.next()) {
      nextDue = RowReader.micros(rows, 17);
      more = rows.getBoolean(18);
      beyond = rows.getBoolean(19);
      crowd = rows.getBoolean(20);
      if (rows.getObject(1) != null) {
        taken.add(taken(rows));
      }
    }
    taken.sort(Comparator.comparingLong(Taken::place));
    return new Look(new Claim(taken, nextDue, more || beyond, crowd), beyond);
  }

  /** One that cannot be read must not keep the others from running. */
  private static Taken taken(ResultSet row) throws SQLException {
    Ownership owner = new Ownership(row.getObject(1, UUID.class), row.getLong(2));
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
        row.getBoolean(16),
        claimed,
        unreadable);
  }

  /** Reads it now, and decodes it later: that may fail for what it holds alone. */
  private static Supplier<Claimed> contents(Ownership owner, ResultSet row) throws SQLException {
    String workflow = row.getString(3);
    int version = row.getInt(4);
    String fingerprint = row.getString(5);
    String key = row.getString(6);
    String queue = row.getString(7);
    String tags = row.getString(8);
    String input = row.getString(9);
    Duration untilDeadline = RowReader.micros(row, 10);
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
