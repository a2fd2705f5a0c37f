package dev.durable.fault;

import java.util.Locale;

/** The kinds of JDBC calls that an engine makes. */
enum JdbcCall {
  CONNECT(true, true),
  PREPARE(true, false),
  CREATE(true, false),
  EXECUTE(true, true),
  COMMIT(true, true),
  ROLLBACK(true, true),
  AUTO_COMMIT(true, true),
  /** Isolation, read-only, schema and the like, asked or set. */
  SESSION(true, false),
  NETWORK_TIMEOUT(true, false),
  QUERY_TIMEOUT(true, false),
  IS_CLOSED(true, false),
  CLOSE(true, true),
  CLOSE_STATEMENT(true, false),
  CREATE_ARRAY(true, false),
  UNWRAP(true, false),
  NOTIFICATIONS(true, true),
  /** Binding a parameter: what the driver refuses here is the value's fault. */
  BIND(false, false),
  /** Reading an answer that has arrived. */
  READ(false, false);

  private final boolean refusable;
  private final boolean roundTrip;

  JdbcCall(boolean refusable, boolean roundTrip) {
    this.refusable = refusable;
    this.roundTrip = roundTrip;
  }

  /** Whether an SQLException of any state may come from it, without any fault of a value. */
  boolean isRefusable() {
    return refusable;
  }

  /** Whether it may wait for the other end. */
  boolean isRoundTrip() {
    return roundTrip;
  }

  /** Whether it may commit, and its answer may get lost. */
  boolean mayCommit() {
    return this == EXECUTE || this == COMMIT;
  }

  /** Whether it gives something back, which must not leak because it fails. */
  boolean givesBack() {
    return this == CLOSE || this == CLOSE_STATEMENT;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static JdbcCall of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
