package dev.durable.internal.store.worker;

import dev.durable.internal.store.jdbc.Parameters;
import java.sql.SQLException;

/**
 * The parts of the claim that choose, of the due rows, those for which the worker has room.
 *
 * <p>At most one suspect is claimed: an execution that has lost many workers in a row. Of the rest,
 * as many as fit into the bytes, in their order, and at least one into an empty worker. To weigh an
 * input the server unpacks it, so a claimer asks for many only after many have fitted.
 */
final class RoomSql {

  private static final String ROOM =
      """
      room as (
        select ?::int as suspicion, ?::boolean as suspects, ?::bigint as bytes, ?::boolean as alone
      )""";

  /** Whether there is room for an execution that has lost so many workers. */
  private static final String BEARABLE =
      "(e.recoveries < (select suspicion from room) or (select suspects from room))";

  private static final String FITTING =
      """
      ranked as materialized (
        select d.*, d.recoveries >= room.suspicion as suspect,
               pg_catalog.row_number() over so_far as n,
               pg_catalog.count(*) filter (where d.recoveries >= room.suspicion) over so_far as suspects
        from due d, room
        window so_far as (rows unbounded preceding)
      ), fitting as materialized (
        select m.* from (
          select m.*, pg_catalog.sum(m.bytes) over so_far as total,
                 pg_catalog.row_number() over so_far as place
          from ranked m where m.suspects <= 1 or not m.suspect
          window so_far as (rows unbounded preceding)) m, room
        where m.total <= room.bytes or (room.alone and m.place = 1)
      )""";

  private RoomSql() {}

  /** The text of a statement with these parts. */
  static String filled(String text) {
    return text.replace("${room}", ROOM)
        .replace("${fitting}", FITTING)
        .replace("${bearable}", BEARABLE);
  }

  static Parameters bind(Parameters bind, ClaimRoom room) throws SQLException {
    return bind.number(room.suspicion())
        .flag(room.suspects())
        .number(room.bytes())
        .flag(room.alone());
  }
}
