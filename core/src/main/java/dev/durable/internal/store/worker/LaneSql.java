package dev.durable.internal.store.worker;

import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.worker.Lane.Place;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a statement that reads the lanes of due executions, with their parameters. Lanes are
 * walked in the order of an index.
 */
final class LaneSql {

  /** How many rows that have slept a claim reads in each lane. */
  private static final int WINDOW = 512;

  /**
   * The arrays, out of the planner's sight: if it knew how long they are, a plan for that would
   * seem to be so much cheaper than one for any length that it would plan each claim anew, which
   * takes as long as claiming.
   */
  private static final String ASKED =
      """
      asked as materialized (
        select ?::text[] as lane_queues, ?::text[] as names, ?::int[] as versions, ?::text[] as editions,
               ?::int[] as reaches, ?::int[] as after_priorities, ?::timestamptz[] as after_times,
               ?::uuid[] as after_ids, ?::text[] as queues, ?::int[] as free, ?::int[] as reach
      )""";

  /**
   * The lanes of the index of due executions, one for each queue, definition and fingerprint: those
   * of the worker's own definitions, and those that other definitions of the same version have
   * moved last. They are found outward from its own, so that a lane is never walked to find the
   * next.
   *
   * <p>A worker claims the executions that its own definitions have moved last. Those that another
   * definition of the same version has moved stay with the workers that have that one, as long as
   * one of them lives and works on the queue; after that any worker may claim them. The other
   * workers are looked up only when there is such a lane.
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
        select r.queue, r.name, r.version, r.edition, r.reach, 0 as way,
               r.after_priority, r.after_time, r.after_id
        from (select pg_catalog.unnest(a.lane_queues) as queue, pg_catalog.unnest(a.names) as name,
                     pg_catalog.unnest(a.versions) as version, pg_catalog.unnest(a.editions) as edition,
                     pg_catalog.unnest(a.reaches) as reach,
                     pg_catalog.unnest(a.after_priorities) as after_priority,
                     pg_catalog.unnest(a.after_times) as after_time,
                     pg_catalog.unnest(a.after_ids) as after_id
              from asked a) r
        union all
        select l.queue, l.name, l.version, n.edition, l.reach, n.way, null::int, null::timestamptz, null::uuid
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
        select l.queue, l.name, l.version, l.edition, l.reach, l.after_priority, l.after_time, l.after_id
        from lanes l
        where l.way = 0
          or (l.queue, l.name || '@' || l.version::text || '#' || l.edition)
            not in (select o.queue, o.edition from others o)
      )""";

  private static final String IN_LANE =
      """
      e.queue = m.queue and e.workflow_name = m.name and e.workflow_version = m.version
                  and coalesce(e.fingerprint, '') = m.edition""";

  /** The priority of a row that was due when it was written; null for one that slept then. */
  private static final String TURN = "(case when e.wake_at <= e.updated_at then e.priority end)";

  private static final String IN_TURN =
      "order by (case when e.wake_at <= e.updated_at then e.priority end) desc nulls last,"
          + " e.wake_at, e.id";

  /** Whether so many have slept and are due that claims may not have read all of them. */
  private static final String CROWD =
      "exists (select 1 from found f where f.asleep offset ${window} - 1)";

  private LaneSql() {}

  /** The text of a statement with these parts. */
  static String filled(String text) {
    return text.replace("${asked}", ASKED)
        .replace("${lanes}", LANES)
        .replace("${crowd}", CROWD)
        .replace("${in_lane}", IN_LANE)
        .replace("${turn}", TURN)
        .replace("${any_priority}", String.valueOf(1L + Integer.MAX_VALUE))
        .replace("${in_turn}", IN_TURN)
        .replace("${window}", String.valueOf(WINDOW));
  }

  /**
   * Binds the arrays.
   *
   * @param spare how many rows to read in each lane beyond the room that there is
   * @param places the rows behind which to go on; a lane without one is read from its first row
   */
  static Parameters bind(
      Parameters bind, List<Lane> lanes, ClaimRoom room, int spare, Map<Lane, Place> places)
      throws SQLException {
    List<String> queues = List.copyOf(room.free().keySet());
    return bind.texts(lanes, Lane::queue)
        .texts(lanes, lane -> lane.edition().name())
        .ints(lanes, lane -> lane.edition().version())
        .texts(lanes, lane -> lane.edition().fingerprint())
        .ints(lanes, lane -> room.reach(lane.queue(), spare))
        .ints(lanes, lane -> part(places.get(lane), Place::priority))
        .times(lanes, lane -> part(places.get(lane), Place::wakeAt))
        .uuids(lanes, lane -> part(places.get(lane), Place::id))
        .texts(queues, queue -> queue)
        .ints(queues, room.free()::get)
        .ints(queues, queue -> room.reach(queue, spare));
  }

  private static <V> @Nullable V part(@Nullable Place place, Function<Place, V> part) {
    return place == null ? null : part.apply(place);
  }
}
