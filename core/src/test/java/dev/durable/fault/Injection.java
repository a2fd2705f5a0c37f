package dev.durable.fault;

import java.util.List;
import java.util.Locale;

/**
 * What happens to a call.
 *
 * @param harm in which way
 * @param state which SQLSTATE; empty if it is not about one
 * @param dead whether the connection is of no use from then on
 * @param lasting whether all such calls are hit for two leases; otherwise one is
 */
record Injection(Harm harm, String state, boolean dead, boolean lasting) {

  /** The ways in which a call may go wrong. */
  enum Harm {
    /** The server, or the driver, refuses; nothing is done. */
    STATE,
    /** The driver or the pool has a bug; nothing is done. */
    UNCHECKED,
    /** Memory has run out; nothing is done. */
    ERROR,
    /** The thread is interrupted, and the call goes on. */
    INTERRUPT,
    /** There is no answer until a time-out of the engine's choice. */
    HANG,
    /** It is done, the answer is lost, and for a while no new connection can be had. */
    LOST
  }

  static Injection state(String state, boolean dead, boolean lasting) {
    return new Injection(Harm.STATE, state, dead, lasting);
  }

  static Injection of(Harm harm, boolean dead, boolean lasting) {
    return new Injection(harm, "", dead, lasting);
  }

  /** Without the parts that distinguish two of a kind. */
  String kind() {
    return harm.name().toLowerCase(Locale.ROOT)
        + (dead ? ":dead" : ":alive")
        + (lasting ? ":lasting" : ":once");
  }

  boolean suits(JdbcCall call) {
    boolean hasConnection = call != JdbcCall.CONNECT;
    return switch (harm) {
      case STATE -> call.isRefusable() && (hasConnection || !dead);
      case UNCHECKED -> call != JdbcCall.BIND && (hasConnection || !dead);
      case ERROR -> hasConnection || !dead;
      case INTERRUPT -> true;
      case HANG -> call.isRoundTrip() && (hasConnection || !dead);
      case LOST -> call.mayCommit();
    };
  }

  static Injection of(String text) {
    List<String> parts = List.of(text.split(":"));
    String what = parts.get(0);
    boolean dead = parts.get(1).equals("dead");
    boolean lasting = parts.get(2).equals("lasting");
    for (Harm harm : Harm.values()) {
      if (harm.name().toLowerCase(Locale.ROOT).equals(what)) {
        return of(harm, dead, lasting);
      }
    }
    return state(what, dead, lasting);
  }

  @Override
  public String toString() {
    return harm == Harm.STATE ? kind().replaceFirst("state", state) : kind();
  }
}
