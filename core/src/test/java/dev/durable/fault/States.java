package dev.durable.fault;

import java.sql.SQLException;
import java.util.List;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a database, a pooler or a driver may answer to a statement that has nothing wrong with it.
 * Classes 22 and 23 are left out: they may be the value's fault, and then a step may fail.
 */
final class States {

  /** Stands for an SQLException without any SQLSTATE. */
  static final String NONE = "none";

  static final List<String> ALL =
      List.of(
          // Connections: none, refused, gone, unknown, a protocol out of step.
          "08000",
          "08001",
          "08003",
          "08004",
          "08006",
          "08P01",
          "40003",
          // Sessions: wrong state, unknown or known statement, unknown portal.
          "25P02",
          "25006",
          "25001",
          "25P01",
          "26000",
          "42P05",
          "34000",
          "24000",
          "2D000",
          // Time-outs and orders to go.
          "25P03",
          "25P04",
          "57P05",
          "57014",
          "57P01",
          "57P02",
          "57P03",
          "57P04",
          // Not now: full, locked, collided.
          "53000",
          "53100",
          "53200",
          "53300",
          "53400",
          "54000",
          "55000",
          "55006",
          "55P03",
          "55P04",
          "40000",
          "40001",
          "40P01",
          // Not like this: rights, renamed or missing objects, what the server cannot do.
          "42501",
          "42P01",
          "42883",
          "42703",
          "42704",
          "3F000",
          "3D000",
          "28000",
          "28P01",
          "0A000",
          "0LP01",
          "0P000",
          // Broken: files, the server itself, other servers.
          "58000",
          "58030",
          "58P01",
          "F0001",
          "XX000",
          "XX001",
          "XX002",
          "HV000",
          "72000",
          "0Z002",
          // Triggers and poolers.
          "P0001",
          "P0002",
          "99999",
          NONE);

  private States() {}

  /** As the driver throws it, from the server or by itself. */
  static SQLException failure(String state) {
    if (state.equals(NONE) || state.startsWith("08")) {
      return new SQLException("injected", state.equals(NONE) ? null : state);
    }
    return new PSQLException(new ServerErrorMessage("SERROR\0VERROR\0C" + state + "\0Minjected\0"));
  }
}
